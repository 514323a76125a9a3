/// Runs its body at the first of several ends. On one loop.
final class Once<Value>: @unchecked Sendable {
    private var body: ((Value) -> Void)?

    init(_ body: @escaping (Value) -> Void) { self.body = body }

    func run(_ value: Value) {
        let body = body
        self.body = nil
        body?(value)
    }
}
