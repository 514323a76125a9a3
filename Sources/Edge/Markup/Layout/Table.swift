/// A table that becomes a list of cards where there is no room for it. The first cell of a row names the row. Columns of
/// a lower priority are displayed only if the table itself is wide enough; cards have all of them, without cells that are a
/// dash.
package struct Table {
    package let caption: String
    package let columns: [Column]
    package var rows: [[HTML]]
    private let styles: [Style]
    private let isLinked: Bool

    /// - Parameters:
    ///   - style: a style that the table has besides that of every table.
    ///   - isBroad: true if all of its columns need more room than other tables: it is a list of cards below 54 rem
    ///     instead of 36.
    ///   - isLinked: true if rows have pages of their own: a link in the first cell then covers its row, and longer
    ///     texts of the row end after two lines.
    ///   - cells: returns a row's cells, one for each column.
    package init<Rows: Sequence>(
        _ caption: String, _ columns: [Column], _ rows: Rows, style: Style? = nil,
        isBroad: Bool = false, isLinked: Bool = false, cells: (Rows.Element) -> [HTML]
    ) {
        styles = [.stack] + (isBroad ? [.broad] : []) + (style.map { [$0] } ?? [])
        self.isLinked = isLinked
        self.caption = caption
        self.columns = columns
        self.rows = rows.map(cells)
    }

    /// The table, or the sentence in its place if it has no row.
    package func html(or sentence: String) -> HTML {
        rows.isEmpty ? element(.p, .style(.empty)) { sentence } : html
    }

    package var html: HTML {
        element(.div, .style(.wide)) {
            element(.table, .style(styles), .word(.role, "table")) {
                element(.caption) { caption }
                element(.thead, .word(.role, "rowgroup")) {
                    element(.tr, .word(.role, "row")) {
                        for column in columns { header(of: column) }
                    }
                }
                element(.tbody, .word(.role, "rowgroup")) {
                    for row in rows { self.row(row) }
                }
            }
        }
    }

    private func header(of column: Column) -> HTML {
        let order: [Attribute] = column.sort?.direction.map { [.word(.sort, $0.word)] } ?? []
        let title: HTML =
            if let sort = column.sort {
                hyperlink(sort.link) { column.title }
            } else {
                .text(column.title)
            }
        return .element(
            .th,
            [.word(.scope, "col"), .word(.role, "columnheader"), .style(column.styles)] + order,
            [title])
    }

    // Roles are stated explicitly, because a screen reader does not recognise a row that is laid out as a block.
    private func row(_ cells: [HTML]) -> HTML {
        let isLinked = isLinked && cells.first?.hasLink == true
        let style: [Attribute] = isLinked ? [.style([.linked])] : []
        return .element(.tr, [.word(.role, "row")] + style, self.cells(cells, isLinked: isLinked))
    }

    @HTMLBuilder private func cells(_ cells: [HTML], isLinked: Bool) -> [HTML] {
        for (number, cell) in cells.enumerated() {
            let column = columns[number]
            if number == 0 {
                element(
                    .th, .word(.scope, "row"), .word(.role, "rowheader"), .style(column.styles)
                ) { cell }
            } else {
                element(
                    .td, .word(.role, "cell"),
                    .style(column.styles + (cell.isDash ? [.blank] : [])),
                    .text(.column, column.title)
                ) {
                    if isLinked, column.kind == .text {
                        element(.div, .style(.clamp)) { cell }
                    } else {
                        cell
                    }
                }
            }
        }
    }
}

extension HTML {
    /// True for the dash of a cell that has nothing.
    fileprivate var isDash: Bool { if case .text("–") = self { true } else { false } }

    /// True if a link is in this piece.
    fileprivate var hasLink: Bool {
        switch self {
        case .element(.a, _, _): true
        case .element(_, _, let content), .group(let content): content.contains(where: \.hasLink)
        case .text, .empty, .time, .person: false
        }
    }
}
