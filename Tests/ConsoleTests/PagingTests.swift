import Testing

@testable import InterlockAPI
@testable import InterlockConsole
@testable import InterlockMarkup

struct PagingTests {
    @Test(arguments: [
        ("page=1", 1), ("", 1), ("page=0", 1), ("page=-9223372036854775808", 1),
        ("page=9223372036854775807", Paging.mostPages),
    ])
    func `a page of any number is one that rows can be counted from`(_ query: String, _ page: Int) {
        #expect(ListQuery(query)?.page == page)
    }

    @Test(arguments: ["page=", "page=x", "page=9223372036854775808", "page=1&page=2"])
    func `what is no number of a page is no query`(_ query: String) {
        #expect(ListQuery(query).map(\.page) == nil)
    }

    @Test func `a choice is a known value or none, and other texts are no choice`() throws {
        let query = try #require(ListQuery("size=2&depth=&width=wide"))
        let chosen: Int?? = query.choice("size") { Int($0) }
        #expect(chosen == .some(.some(2)))
        for name in ["depth", "height"] {
            let none: Int?? = query.choice(name) { Int($0) }
            #expect(none == .some(.none), "\(name)")
        }
        let unknown: Int?? = query.choice("width") { Int($0) }
        #expect(unknown == nil)
    }

    @Test func `the page behind the last is the last`() {
        let rows = PagedRows(Array(0..<120), page: Paging.mostPages)
        #expect(rows.page == 3 && Array(rows.rows) == Array(100..<120))
        #expect(PagedRows([Int](), page: 5).page == 1)
    }
}
