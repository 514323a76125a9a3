/// A list without rows. It says what would be here, since when there is none, and one step; a filter that hides every row
/// is another case.
package enum EmptyList {
    /// - Parameter action: the step that fills the list.
    package static func html(
        _ sentence: String, _ action: (words: String, link: Link)? = nil,
        @HTMLBuilder since: () -> [HTML] = { [] }
    ) -> HTML {
        element(.p, .style(.empty)) {
            sentence
            since()
            if let action {
                " "
                hyperlink(action.link) { action.words }
            }
        }
    }

    /// - Parameter list: the address without any filter.
    package static func noMatch(_ list: Link) -> HTML { html("No match.", ("Clear filters", list)) }
}
