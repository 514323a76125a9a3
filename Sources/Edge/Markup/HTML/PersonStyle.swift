package import InterlockModel

/// A word after a person's name that says why the person cannot act as others can.
package enum PersonWord: String, Sendable {
    /// Every credential was revoked.
    case revoked
    /// The authorized keys do not have the person any more.
    case former
    /// A program with a token.
    case service
    /// The address is not known.
    case unknown
}

/// The way in which people are named on a page: by the local part of their address, or by the whole of it.
package struct PersonStyle: Sendable {
    /// The domain of the reader's address, which is left out of the names; nil on pages that name every domain.
    package var domain: String?
    /// True if each address is written whole, because a person can sign on the page.
    package var isWhole = false
    /// Returns the word of a person, as far as the reader may know it.
    package var word: @Sendable (Person) -> PersonWord? = { _ in nil }

    package init(
        domain: String? = nil, isWhole: Bool = false,
        word: @escaping @Sendable (Person) -> PersonWord? = { _ in nil }
    ) {
        self.domain = domain
        self.isWhole = isWhole
        self.word = word
    }

    /// Returns the name with an initial before it. The whole address is the title, or the text.
    package func html(of person: Person, _ word: PersonWord?) -> HTML {
        let name = name(of: person)
        let title: [Attribute] = name == person.address ? [] : [.text(.title, person.address)]
        return Self.chip(name, title, word ?? self.word(person))
    }

    /// Returns a name with an initial before it and a word after it.
    static func chip(_ name: String, _ title: [Attribute], _ word: PersonWord?) -> HTML {
        let initial = SafeLine.text(String(name.prefix(1)).uppercased())
        let chip = HTML.element(
            .span, [.style([.person]), .text(.initial, initial)] + title, SafeText.name(name))
        return .group([chip] + mark(word))
    }

    private func name(of person: Person) -> String {
        guard !isWhole, let domain else { return person.address }
        let parts = person.address.split(separator: "@", maxSplits: 1)
        return parts.count == 2 && parts[1] == domain ? String(parts[0]) : person.address
    }

    /// The word in an element of its own, after a space.
    package static func mark(_ word: PersonWord?) -> [HTML] {
        word.map { [.text(" "), badge($0.rawValue)] } ?? []
    }
}

extension Person {
    /// The part of the address after `@`.
    package var domain: String? {
        address.split(separator: "@", maxSplits: 1).dropFirst().first.map(String.init)
    }
}
