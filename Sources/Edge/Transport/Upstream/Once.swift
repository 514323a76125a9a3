/// Runs its body only for the first of several events. Used on one loop.
final class Once<Value>: @unchecked Sendable {
    private var body: ((Value) -> Void)?

    init(_ body: @escaping (Value) -> Void) { self.body = body }

    func run(_ value: Value) {
        let body = body
        self.body = nil
        body?(value)
    }
}
