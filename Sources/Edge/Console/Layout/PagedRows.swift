import InterlockJSON
import InterlockMCP

/// One page of a list, cut on the server.
struct PagedRows<Row> {
    /// From 1.
    let page: Int
    let pages: Int
    /// Of the whole list.
    let count: Int
    /// Of this page.
    let rows: ArraySlice<Row>

    /// - Parameter page: from 1; beyond the last it is the last.
    init(_ all: [Row], page: Int) {
        count = all.count
        pages = max(1, (all.count + Paging.size - 1) / Paging.size)
        self.page = min(max(1, page), pages)
        rows = all.dropFirst((self.page - 1) * Paging.size).prefix(Paging.size)
    }

    /// Of a list that was cut where it is kept.
    init(_ rows: [Row], of count: Int, page: Int) {
        self.count = count
        pages = max(1, (count + Paging.size - 1) / Paging.size)
        self.page = min(max(1, page), pages)
        self.rows = rows[...]
    }

    /// " page 2 of 7", for a caption; nothing where all is on one page.
    var place: String { pages > 1 ? ", page \(page) of \(pages)" : "" }

    /// The way to the pages beside it; nothing where there is one.
    ///
    /// - Parameter link: to the page of this number; nil for the first, whose address has none.
    func pager(_ link: @escaping (String?) -> Link) -> [HTML] {
        Pager(page: page, pages: pages) { link($0 > 1 ? String($0) : nil) }.content
    }
}

enum Paging {
    static let size = 50
    static let mostPages = 1_000_000_000
}

/// What the query of a list says: its filters and the page.
struct ListQuery {
    private let fields: [ExactText: String]
    let page: Int

    /// nil for a query that no form of ours makes.
    init?(_ query: String?) {
        guard let fields = FormFields.parse(query ?? ""), let page = Int(fields["page"] ?? "1")
        else { return nil }
        self.fields = fields
        // Nobody has so many pages, and places of rows are made of it.
        self.page = min(max(1, page), Paging.mostPages)
    }

    /// nil where nothing is chosen or written.
    subscript(name: String) -> String? { fields[name].flatMap { $0.isEmpty ? nil : $0 } }
}
