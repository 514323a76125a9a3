import InterlockMarkup

/// One side of a change: its name, then a box with its sign and the value.
///
/// - Parameter box: the element of the box: a paragraph, or a division for values that are lists.
func changeSide(
    _ name: String, _ sign: String, _ style: Style, in box: Element = .p,
    @HTMLBuilder _ value: () -> [HTML]
) -> HTML {
    let shown = value()
    return element(.div) {
        element(.p, .style(.hint)) { name }
        element(box, .style(style)) {
            element(.span, .style(.sign)) { "\(sign) " }
            shown
        }
    }
}
