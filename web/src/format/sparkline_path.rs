//! The SVG path of a sparkline. The drawing is scaled so that the lowest and the highest value, the previous close
//! among them, touch its edges.

use std::fmt::Write as _;

/// The drawing's size, in its own units.
pub(crate) const WIDTH: i64 = 100;
pub(crate) const HEIGHT: i64 = 32;
/// Room for the stroke.
const EDGE: i64 = 2;

/// What to draw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Drawing {
    /// The line, as a path.
    pub(crate) line: String,
    /// The height of the previous close, where it is known.
    pub(crate) close: Option<i64>,
}

/// Draws the points, in millionths, and the last price. Missing points are gaps; a single point is no line.
pub(crate) fn draw(points: &[Option<i64>], last: Option<i64>, close: Option<i64>) -> Option<Drawing> {
    let all = || points.iter().copied().chain([last]);
    let count = all().flatten().count();
    let (low, high) = (all().chain([close]).flatten().min()?, all().chain([close]).flatten().max()?);
    if count < 2 {
        return None;
    }
    let steps = points.len() as i64 - i64::from(last.is_none());
    let x = |at: i64| at * WIDTH / steps.max(1);
    let y = |value: i64| match high - low {
        0 => HEIGHT / 2,
        span => {
            let down = i128::from(high - value) * i128::from(HEIGHT - 2 * EDGE) / i128::from(span);
            EDGE + i64::try_from(down).unwrap_or(0)
        }
    };
    let mut line = String::with_capacity(points.len() * 7);
    let mut pen = 'M';
    for (at, value) in (0..).zip(all()) {
        match value {
            Some(value) => {
                // Writing to a String cannot fail.
                let _ = write!(line, "{pen}{} {}", x(at), y(value));
                pen = 'L';
            }
            None => pen = 'M',
        }
    }
    Some(Drawing { line, close: close.map(y) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn the_line_goes_from_edge_to_edge() {
        let drawing = draw(&[Some(10), Some(30), Some(20)], None, None).expect("a line");
        assert_eq!(drawing.line, "M0 30L50 2L100 16");
        assert_eq!(drawing.close, None);
    }

    #[wasm_bindgen_test]
    fn the_live_price_goes_on_and_the_close_is_within() {
        let drawing = draw(&[Some(10), Some(20)], Some(40), Some(50)).expect("a line");
        assert_eq!(drawing.line, "M0 30L50 23L100 9");
        assert_eq!(drawing.close, Some(2));
    }

    #[wasm_bindgen_test]
    fn what_nobody_saw_is_a_gap_and_one_point_is_no_line() {
        let drawing = draw(&[Some(10), None, Some(20), Some(10)], None, None).expect("a line");
        assert_eq!(drawing.line, "M0 30M66 2L100 30");
        assert_eq!(draw(&[], Some(5), Some(4)), None);
        assert_eq!(draw(&[], None, None), None);
        assert!(draw(&[Some(7), Some(7)], None, None).is_some_and(|drawing| drawing.line == "M0 16L100 16"));
    }
}
