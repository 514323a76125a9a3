/// The filters of a list as links with counts. The chosen one leads back to the list without it. On a phone those after
/// the third are behind a button, which names the chosen one if it is there.
package struct FilterChips {
    package struct Chip {
        package let words: String
        /// The number of rows that it leaves, or nil if it is not known without reading them.
        package var count: Int?
        package let link: Link
        package var isChosen = false

        package init(_ words: String, _ link: Link, isChosen: Bool = false) {
            self.init(words, nil, link, isChosen: isChosen)
        }

        package init(_ words: String, _ count: Int?, _ link: Link, isChosen: Bool = false) {
            self.words = words
            self.count = count
            self.link = link
            self.isChosen = isChosen
        }
    }

    /// The accessible name, a literal of this program.
    package let label: String
    /// The list without any of these filters.
    package let all: Link
    package let chips: [Chip]

    package init(label: String, all: Link, chips: [Chip]) {
        self.label = label
        self.all = all
        self.chips = chips
    }

    package var html: HTML {
        // A button for one chip alone would save no room.
        let isFolded = chips.count > Self.mostUnfolded + 1
        let folded = chips.dropFirst(isFolded ? Self.mostUnfolded : chips.count)
        return element(.nav, .style(.chips), .text(.label, label)) {
            list(chips.dropLast(folded.count))
            if !folded.isEmpty {
                FilterForm.opener(folded.first(where: \.isChosen)?.words ?? "More", Self.sheet)
                element(.div, .id(Self.sheet), .style(.sheet), .flag(.popover)) { list(folded) }
            }
        }
    }

    private static let mostUnfolded = 3
    private static let sheet = Anchor("more-chips")

    private func list(_ chips: ArraySlice<Chip>) -> HTML {
        element(.ul) {
            for chip in chips { element(.li) { self.html(of: chip) } }
        }
    }

    private func html(of chip: Chip) -> HTML {
        let words = chip.words + (chip.count.map { " (\(Shape.grouped($0)))" } ?? "")
        return hyperlink(
            chip.isChosen ? all : chip.link, isCurrent: chip.isChosen, as: "true"
        ) {
            words
            if chip.isChosen, chip.link != all {
                element(.span, .word(.ariaHidden, "true")) { " ×" }
            }
        }
    }
}
