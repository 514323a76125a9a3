/// A text with its hash, which every look-up by it asks for: found out once, when it is made. The hash is seeded anew
/// in each process, so nobody chooses texts that meet in it.
struct HashedText: Hashable, Sendable {
    let text: String
    private let code: Int

    init(_ text: String) {
        self.text = text
        code = text.hashValue
    }

    static func == (a: HashedText, b: HashedText) -> Bool { a.code == b.code && a.text == b.text }
    func hash(into hasher: inout Hasher) { hasher.combine(code) }
}
