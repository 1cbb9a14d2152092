//! A set of texts as a tree of their letters, so that all texts that begin alike are found, and forgiven, together.
//!
//! The tree lies in one array in the order it is walked: a node's children follow it, and `skip` leads past them.
//! Deliberately absent: changing it.

use super::edit_distance::{Pattern, State};

/// A tree, with a value for each text.
pub(super) struct Tree<T> {
    nodes: Vec<Node>,
    /// For every node how long its text is; apart from the nodes, so that those are small.
    depths: Vec<u8>,
    /// For every node the first value whose text begins with its own.
    firsts: Vec<u32>,
    /// The values, in the order of their texts.
    values: Vec<T>,
}

struct Node {
    letter: char,
    /// The node after all that begin with this one's text.
    skip: u32,
}

/// A node of a tree, standing for the letters that lead to it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct At(usize);

impl<T> Tree<T> {
    /// Builds the tree of texts of at most 255 letters.
    pub(super) fn new(mut texts: Vec<(&[char], T)>) -> Self {
        texts.sort_by_key(|(text, _)| *text);
        let mut tree = Self { nodes: Vec::new(), depths: Vec::new(), firsts: Vec::new(), values: Vec::new() };
        let mut open = vec![tree.push('\0', 0)];
        let mut last: &[char] = &[];
        for (text, value) in texts {
            let common = text.iter().zip(last).take_while(|(a, b)| a == b).count();
            tree.close(&mut open, common + 1);
            for (depth, letter) in (0..=u8::MAX).zip(text).skip(common) {
                open.push(tree.push(*letter, depth + 1));
            }
            tree.values.push(value);
            last = text;
        }
        tree.close(&mut open, 0);
        // A last node, so that every other has one after it.
        tree.push('\0', 0);
        tree
    }

    fn push(&mut self, letter: char, depth: u8) -> usize {
        self.nodes.push(Node { letter, skip: 0 });
        self.depths.push(depth);
        self.firsts.push(self.values.len() as u32);
        self.nodes.len() - 1
    }

    /// Leaves all but the first `keep` of the nodes that lead to the last.
    fn close(&mut self, open: &mut Vec<usize>, keep: usize) {
        for node in open.drain(keep..) {
            self.nodes[node].skip = self.nodes.len() as u32;
        }
    }

    /// Where every text begins.
    pub(super) fn root(&self) -> At {
        At(0)
    }

    /// Follows letters from a node.
    pub(super) fn follow(&self, at: At, letters: &[char]) -> Option<At> {
        let mut node = at.0;
        for letter in letters {
            let (end, mut child) = (self.nodes[node].skip as usize, node + 1);
            while child < end && self.nodes[child].letter != *letter {
                child = self.nodes[child].skip as usize;
            }
            if child >= end {
                return None;
            }
            node = child;
        }
        Some(At(node))
    }

    /// The values of the texts that begin with a node's.
    pub(super) fn below(&self, At(node): At) -> &[T] {
        let end = self.nodes[node].skip as usize;
        &self.values[self.firsts[node] as usize..self.firsts[end] as usize]
    }

    /// The values of the texts that are a node's.
    pub(super) fn exactly(&self, At(node): At) -> &[T] {
        // A shorter text comes first, so its values end where those of the next node, its child or not, begin.
        &self.values[self.firsts[node] as usize..self.firsts[node + 1] as usize]
    }

    /// Hands out every node whose text is the pattern but for forgiven errors, with those and its first letter. Nodes
    /// below one another come both.
    pub(super) fn forgive(&self, pattern: &Pattern, mut found: impl FnMut(At, u8, char)) {
        let mut path: Vec<State> = vec![pattern.start()];
        let (mut node, end, mut first) = (1, self.nodes.len() - 1, '\0');
        while node < end {
            let Node { letter, skip } = self.nodes[node];
            let depth = usize::from(self.depths[node]);
            if depth == 1 {
                first = letter;
            }
            path.truncate(depth);
            let before = depth.checked_sub(2).map(|two_up| &path[two_up]);
            let state = pattern.read(before, &path[depth - 1], letter);
            if state.is_dead() {
                node = skip as usize;
                continue;
            }
            if let Some(errors) = pattern.errors(&state) {
                found(At(node), errors, first);
            }
            path.push(state);
            node += 1;
        }
    }
}
