import InterlockJSON
import InterlockMCP

/// One page of a list, cut on the server.
package struct PagedRows<Row> {
    /// The page number, from 1.
    package let page: Int
    package let pages: Int
    /// The number of rows in the whole list.
    package let count: Int
    /// The rows of this page.
    package let rows: ArraySlice<Row>

    /// - Parameter page: from 1; a number above the last page means the last page.
    package init(_ all: [Row], page: Int, size: Int = Paging.size) {
        count = all.count
        pages = max(1, (all.count + size - 1) / size)
        self.page = min(max(1, page), pages)
        rows = all.dropFirst((self.page - 1) * size).prefix(size)
    }

    /// Takes one page of a list that was cut by its source.
    package init(_ rows: [Row], of count: Int, page: Int) {
        self.count = count
        pages = max(1, (count + Paging.size - 1) / Paging.size)
        self.page = min(max(1, page), pages)
        self.rows = rows[...]
    }

    /// The same page with other rows.
    package func map<Other>(_ row: (Row) -> Other) -> PagedRows<Other> {
        PagedRows<Other>(rows.map(row), of: count, page: page)
    }

    /// ", 51-100 shown", for a caption; empty if there is only one page.
    package var place: String {
        let part = Paging.range(page, of: count).prefix { $0 != " " }
        return pages > 1 ? ", \(part) shown" : ""
    }

    /// Returns the links to the neighbouring pages; empty if there is only one page.
    ///
    /// - Parameter link: returns the link to a page, given its number, or nil for the first page, whose address has
    ///   no number.
    package func pager(_ link: @escaping (String?) -> Link) -> [HTML] {
        Pager(page: page, pages: pages, range: Paging.range(page, of: count)) {
            link($0 > 1 ? String($0) : nil)
        }.content
    }
}

package enum Paging {
    package static let size = 50
    package static let mostPages = 1_000_000_000

    /// The rows of a page: "51-100 of 1 234".
    ///
    /// - Parameters:
    ///   - page: from 1.
    ///   - count: the number of rows of all pages.
    package static func range(_ page: Int, of count: Int, size: Int = size) -> String {
        let first = min(count, (page - 1) * size + 1)
        let last = min(count, page * size)
        return "\(Shape.grouped(first))-\(Shape.grouped(last)) of \(Shape.grouped(count))"
    }
}

/// The query of a list: its filters and the page.
package struct ListQuery {
    private let fields: [ExactText: String]
    package let page: Int

    /// Returns nil if our forms do not produce the query.
    package init?(_ query: String?) {
        guard let fields = FormFields.parse(query ?? ""), let page = Int(fields["page"] ?? "1")
        else { return nil }
        self.fields = fields
        // Bounded, since row positions are computed from it.
        self.page = min(max(1, page), Paging.mostPages)
    }

    /// The value of a field, or nil if it is missing or empty.
    package subscript(name: String) -> String? { fields[name].flatMap { $0.isEmpty ? nil : $0 } }

    /// The value that a field chooses, which is nil if it chooses none. Returns nil for an unknown value.
    ///
    /// - Parameter read: returns nil for a text that is no value of the field.
    package func choice<Value>(_ name: String, _ read: (String) -> Value?) -> Value?? {
        guard let text = self[name] else { return .some(nil) }
        guard let value = read(text) else { return nil }
        return .some(value)
    }
}

/// The links between the pages of a list; empty if there is only one page.
package struct Pager {
    /// The page number, from 1.
    package let page: Int
    package let pages: Int
    /// The rows of the page, as in `Paging.range`; nil if the number of all rows is not known.
    package var range: String?
    /// The accessible name of the list's pages, for pages with several lists.
    package var label = "Pages"
    package let address: (Int) -> Link

    package init(
        page: Int, pages: Int, range: String? = nil, label: String = "Pages",
        address: @escaping (Int) -> Link
    ) {
        self.page = page
        self.pages = pages
        self.range = range
        self.label = label
        self.address = address
    }

    @HTMLBuilder package var content: [HTML] {
        if pages > 1 {
            element(.nav, .style(.pager), .text(.label, label)) {
                if page > 1 { hyperlink(address(page - 1), .word(.rel, "prev")) { "Earlier" } }
                element(.span) { range ?? "Page \(page) of \(pages)" }
                if page < pages { hyperlink(address(page + 1), .word(.rel, "next")) { "Later" } }
            }
        }
    }
}
