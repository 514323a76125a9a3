/// Figures that lead to the cards below them.
package struct Tiles {
    private var tiles: [HTML] = []

    package init() {}

    /// - Parameters:
    ///   - name: the name of the card, a literal of this program.
    ///   - figure: the number that is read first.
    package mutating func add(
        _ name: String, to anchor: Anchor, _ figure: String, @HTMLBuilder _ lines: () -> [HTML]
    ) {
        let lines = lines()
        tiles.append(
            element(.li) {
                hyperlink(.to(anchor)) { name }
                element(.strong) { figure }
                element(.span) { lines }
            })
    }

    package var html: HTML { element(.ul, .style(.tiles)) { tiles } }
}
