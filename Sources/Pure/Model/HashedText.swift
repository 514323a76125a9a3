/// A text with its hash, computed once at creation because every look-up needs it. The hash is seeded anew in each
/// process, so an attacker cannot choose colliding texts.
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
