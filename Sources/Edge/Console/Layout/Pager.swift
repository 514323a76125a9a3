/// The way through the pages of a list; nothing where there is one alone.
struct Pager {
    /// From 1.
    let page: Int
    let pages: Int
    /// Of the list, where a page has several.
    var label = "Pages"
    let address: (Int) -> Link

    @HTMLBuilder var content: [HTML] {
        if pages > 1 {
            element(.nav, .style(.pager), .text(.label, label)) {
                if page > 1 { element(.a, .link(.href, address(page - 1))) { "Earlier" } }
                element(.span) { "Page \(page) of \(pages)" }
                if page < pages { element(.a, .link(.href, address(page + 1))) { "Later" } }
            }
        }
    }
}
