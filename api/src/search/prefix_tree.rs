//! A prefix tree (trie) over texts: exact prefix look-up, and fuzzy search that tests each shared prefix once.
//!
//! Nodes are in one array in depth-first order: a node's subtree follows it, and `skip` is the first node after it.
//! Deliberately absent: updates.

use super::edit_distance::{Pattern, State};

/// A tree with a value for each text.
pub(super) struct PrefixTree<T> {
    nodes: Vec<Node>,
    /// The length of each node's text; not in the nodes, so that those stay small.
    depths: Vec<u8>,
    /// For each node, the index of the first value whose text begins with the node's.
    firsts: Vec<u32>,
    /// The values, in the order of their texts.
    values: Vec<T>,
}

struct Node {
    letter: char,
    /// The first node after this one's subtree.
    skip: u32,
}

/// A node, which stands for the letters that lead to it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct NodeId(usize);

impl<T> PrefixTree<T> {
    /// Builds a tree. Texts have at most 255 letters.
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
        // A sentinel, so that every node has a next one.
        tree.push('\0', 0);
        tree
    }

    fn push(&mut self, letter: char, depth: u8) -> usize {
        self.nodes.push(Node { letter, skip: 0 });
        self.depths.push(depth);
        self.firsts.push(self.values.len() as u32);
        self.nodes.len() - 1
    }

    /// Closes the open nodes beyond the first `keep`: their subtrees end here.
    fn close(&mut self, open: &mut Vec<usize>, keep: usize) {
        for node in open.drain(keep..) {
            self.nodes[node].skip = self.nodes.len() as u32;
        }
    }

    /// The root: the empty text.
    pub(super) fn root(&self) -> NodeId {
        NodeId(0)
    }

    /// The node that is reached from `at` by these letters.
    pub(super) fn descend(&self, at: NodeId, letters: &[char]) -> Option<NodeId> {
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
        Some(NodeId(node))
    }

    /// The values of the texts that begin with a node's text.
    pub(super) fn values_below(&self, NodeId(node): NodeId) -> &[T] {
        let end = self.nodes[node].skip as usize;
        &self.values[self.firsts[node] as usize..self.firsts[end] as usize]
    }

    /// The values of the texts that equal a node's text.
    pub(super) fn values_at(&self, NodeId(node): NodeId) -> &[T] {
        // In depth-first order a node's own values precede those of the next node.
        &self.values[self.firsts[node] as usize..self.firsts[node + 1] as usize]
    }

    /// Calls `found` with each node whose text matches the pattern within its error limit, the number of errors and the
    /// first letter of the text. Both an ancestor and its descendants may match.
    pub(super) fn find_fuzzy(&self, pattern: &Pattern, mut found: impl FnMut(NodeId, u8, char)) {
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
                found(NodeId(node), errors, first);
            }
            path.push(state);
            node += 1;
        }
    }
}
