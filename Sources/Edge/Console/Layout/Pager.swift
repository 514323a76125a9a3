/// The links between the pages of a list; empty if there is only one page.
struct Pager {
    /// The page number, from 1.
    let page: Int
    let pages: Int
    /// The accessible name of the list's pages, for pages with several lists.
    var label = "Pages"
    let address: (Int) -> Link

    @HTMLBuilder var content: [HTML] {
        if pages > 1 {
            element(.nav, .style(.pager), .text(.label, label)) {
                if page > 1 { hyperlink(address(page - 1)) { "Earlier" } }
                element(.span) { "Page \(page) of \(pages)" }
                if page < pages { hyperlink(address(page + 1)) { "Later" } }
            }
        }
    }
}
