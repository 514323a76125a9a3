import InterlockAPI
import InterlockAdministration
import InterlockJSON
import InterlockMarkup
import InterlockModel
import InterlockPolicy

/// `/policy/matrix`: who may do what. Agents are rows, servers are columns, and a cell is the loosest outcome that calls
/// to the tools of the server can reach.
struct MatrixPage {
    let matrix: PolicyMatrix
    let filter: MatrixFilter
    private let notes: MatrixNotes
    private let overview: PolicyOverview

    init(matrix: PolicyMatrix, filter: MatrixFilter, overview: PolicyOverview) {
        self.overview = overview
        self.matrix = matrix
        self.filter = filter
        notes = MatrixNotes(matrix)
    }

    var header: PageHeader { PolicyHeader(view: overview, name: "Matrix").header }

    @HTMLBuilder var content: [HTML] {
        PolicyTabs.matrix.html
        filters
        if matrix.rows.isEmpty || matrix.servers.isEmpty {
            if filter == MatrixFilter() {
                EmptyList.html(empty)
            } else {
                EmptyList.noMatch(PolicyRoute.matrix.link)
            }
        } else {
            element(.p, .style(.hint)) {
                "A cell is the loosest outcome of the server's tools, by the policy and the stage at which the agent acts. "
                    + "A star marks an outcome that holds under a condition. "
                    + "Halts, limits, hours and quarantines can deny more."
            }
            table.html
            rowPager
            columnPager
            notes.html
        }
    }

    private var empty: String {
        matrix.servers.isEmpty
            ? "The policy names no server."
            : AgentsPage.noAccess
    }

    private var filters: HTML {
        FilterForm(
            list: PolicyRoute.matrix.link, isEmpty: filter == MatrixFilter(),
            values: [
                filter.agent?.text, filter.server?.text, filter.effect?.name,
                filter.outcome?.rawValue, filter.approver?.text,
            ]
        ) {
            FilterForm.text("Agent", "agent", Anchor("filter-agent"), filter.agent?.text)
            FilterForm.text("Server", "server", Anchor("filter-server"), filter.server?.text)
            FilterForm.choice(
                "Effect", "effect", Anchor("filter-effect"),
                Effect.gravestFirst.map { ($0.name, $0.words) }, chosen: filter.effect?.name)
            FilterForm.choice(
                "Outcome", "outcome", Anchor("filter-outcome"),
                MatrixFilter.Outcome.allCases.map { ($0.rawValue, $0.words) },
                chosen: filter.outcome?.rawValue)
            FilterForm.text(
                "Person who approves", "approver", Anchor("filter-approver"),
                filter.approver?.text)
        }.html
    }

    private var caption: String {
        "Agents \(matrix.rowPart.range(of: PolicyMatrix.mostRows)), "
            + "servers \(matrix.columnPart.range(of: PolicyMatrix.mostColumns))"
            + (filter.effect.map { ", tools whose calls can have the effect \($0.words)" } ?? "")
    }

    private var table: Table {
        Table(
            caption, [.name("Agent")] + matrix.servers.map { .state($0.text) }, matrix.rows,
            style: .matrix, isBroad: true
        ) { row in
            [.group(head(row))]
                + zip(matrix.servers, row.cells).map { server, cell in
                    .group(self.cell(cell, of: row.agent, at: server))
                }
        }
    }

    @HTMLBuilder private func head(_ row: PolicyMatrix.Row) -> [HTML] {
        hyperlink(PolicyRoute.agent(row.agent).link) { row.agent.text }
        if row.isHeld {
            " "
            badge("held", .warning)
        }
    }

    @HTMLBuilder private func cell(
        _ cell: MatrixCell, of agent: AgentName, at server: ServerName
    ) -> [HTML] {
        if cell.verdict == nil {
            element(.span, .style(.muted)) { cell.words }
        } else {
            hyperlink(PolicyRoute.cell(agent, server).link) { cell.words }
            if let number = notes.number(of: cell) {
                element(
                    .a, .link(.href, .to(MatrixNotes.anchor(number))),
                    .text(.label, "condition \(number)")
                ) { "*\(number)" }
            }
        }
    }

    private var rowPager: [HTML] {
        let part = matrix.rowPart
        return Pager(page: part.page, pages: part.pages, label: "Pages of agents") { page in
            filter.link(page: page, columns: matrix.columnPart.page)
        }.content
    }

    private var columnPager: [HTML] {
        let part = matrix.columnPart
        return Pager(page: part.page, pages: part.pages, label: "Pages of servers") { page in
            filter.link(page: matrix.rowPart.page, columns: page)
        }.content
    }
}

/// The footnotes of a matrix: each condition once, numbered from 1 in the order of the cells.
struct MatrixNotes {
    private var numbers: [ExactText: Int] = [:]
    private var conditions: [String] = []

    init(_ matrix: PolicyMatrix) {
        for cell in matrix.rows.flatMap(\.cells) {
            guard let condition = cell.condition, numbers[ExactText(condition)] == nil else {
                continue
            }
            conditions.append(condition)
            numbers[ExactText(condition)] = conditions.count
        }
    }

    /// Returns nil if the outcome holds for every call.
    func number(of cell: MatrixCell) -> Int? { cell.condition.flatMap { numbers[ExactText($0)] } }

    static func anchor(_ number: Int) -> Anchor { Anchor("condition", number) }

    @HTMLBuilder var html: [HTML] {
        if !conditions.isEmpty {
            card("Conditions") {
                element(.ol) {
                    for (place, condition) in conditions.enumerated() {
                        element(.li, .id(Self.anchor(place + 1))) { SafeText.text(condition) }
                    }
                }
            }
        }
    }
}

extension PolicyMatrix.Part {
    /// The rows or columns that are shown.
    func range(of size: Int) -> String { Paging.range(page, of: count, size: size) }
}

extension MatrixFilter.Outcome {
    var words: String {
        switch self {
        case .allowed: "allowed"
        case .approval: "approval by people"
        case .denied: "denied"
        case .none: "none"
        }
    }
}
