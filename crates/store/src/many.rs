//! Many rows in one statement. The texts are few, whatever the number of rows, so that prepared
//! statements are used again.

use crate::{
    StoreError, Tx,
    row::Row,
    value::{Value, args},
};

/// Rows of one statement: a list is cut into the largest of these that fit.
const SIZES: [usize; 5] = [256, 64, 16, 4, 1];

/// The items in pieces of a few fixed lengths.
pub(crate) fn chunks<T>(mut items: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let size = SIZES.into_iter().find(|size| *size <= items.len())?;
        let (piece, rest) = items.split_at(size);
        items = rest;
        Some(piece)
    })
}

/// Parameters for `rows` rows of `columns` each, the first being `$first`: `$1, $2`, or in
/// parentheses when a row has several.
pub(crate) fn marks(first: usize, rows: usize, columns: usize) -> String {
    let row = |row: usize| {
        let marks: Vec<_> = (0..columns)
            .map(|column| format!("${}", first + row * columns + column))
            .collect();
        match columns {
            1 => marks.concat(),
            _ => format!("({})", marks.join(", ")),
        }
    };
    (0..rows).map(row).collect::<Vec<_>>().join(", ")
}

/// The project's rows of those ids, in no order; what is not there is left out. `table` has a column
/// of each name.
pub(crate) async fn of_ids<K: Copy + Into<Value>>(
    tx: &mut Tx,
    table: &'static str,
    project: &str,
    ids: &[K],
) -> Result<Vec<Row>, StoreError> {
    let mut rows = Vec::with_capacity(ids.len());
    for chunk in chunks(ids) {
        let marks = marks(2, chunk.len(), 1);
        let sql = format!("SELECT * FROM {table} WHERE project = $1 AND id IN ({marks})");
        let mut args = args![project];
        args.extend(chunk.iter().map(|id| (*id).into()));
        rows.extend(tx.all_built(table, sql, args).await?);
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_is_in_one_piece() {
        let items: Vec<_> = (0..423).collect();
        let pieces: Vec<_> = chunks(&items).map(<[_]>::len).collect();
        assert_eq!(pieces, [256, 64, 64, 16, 16, 4, 1, 1, 1]);
        assert!(chunks(&items).flatten().eq(&items));
        assert_eq!(chunks::<u8>(&[]).count(), 0);
    }

    #[test]
    fn parameters_count_on() {
        assert_eq!(marks(1, 3, 1), "$1, $2, $3");
        assert_eq!(marks(2, 2, 2), "($2, $3), ($4, $5)");
    }
}
