/// A row of key figures, each under its name.
package struct Figures {
    private var pairs: [HTML] = []

    package init() {}

    /// - Parameters:
    ///   - name: a literal of this program.
    ///   - word: the counted thing in the singular, if the name does not express it.
    ///   - link: a page with details.
    ///   - isBad: true if the figure needs attention.
    package mutating func add(
        _ name: String, _ number: Int, _ word: String? = nil, to link: Link? = nil,
        isBad: Bool = false
    ) {
        let amount = amount(number, word)
        let value = link.map { hyperlink($0) { amount } } ?? .group(amount)
        pairs.append(
            isBad
                ? element(.div, .style(.bad)) { pair(name, value) }
                : element(.div) { pair(name, value) })
    }

    @HTMLBuilder private func amount(_ number: Int, _ word: String?) -> [HTML] {
        Shape.grouped(number)
        if let word {
            " "
            element(.span) { number == 1 ? word : word + "s" }
        }
    }

    @HTMLBuilder private func pair(_ name: String, _ value: HTML) -> [HTML] {
        element(.dt) { name }
        element(.dd) { value }
    }

    package var html: HTML { element(.dl, .style(.figures)) { pairs } }
}
