/// What there is to know at a glance: numbers in a row, each under its name.
struct Figures {
    private var pairs: [HTML] = []

    /// - Parameters:
    ///   - name: of this program.
    ///   - link: where to read more.
    ///   - isBad: whether somebody should look at it.
    mutating func add(_ name: String, _ number: Int, to link: Link? = nil, isBad: Bool = false) {
        let text = Shape.grouped(number)
        let value = link.map { element(.a, .link(.href, $0)) { text } } ?? .text(text)
        pairs.append(
            isBad
                ? element(.div, .style(.bad)) { pair(name, value) }
                : element(.div) { pair(name, value) })
    }

    @HTMLBuilder private func pair(_ name: String, _ value: HTML) -> [HTML] {
        element(.dt) { name }
        element(.dd) { value }
    }

    var html: HTML { element(.dl, .style(.figures)) { pairs } }
}
