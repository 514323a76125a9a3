/// The order of two values that can be compared.
enum CELOrdering {
    case less, same, greater
    /// One of the values is NaN: no comparison holds.
    case unordered

    init<T: Comparable>(_ a: T, _ b: T) {
        self = a < b ? .less : b < a ? .greater : a == b ? .same : .unordered
    }

    init(_ a: CELValue, _ b: CELValue, _ budget: inout CELBudget) throws(CELFault) {
        switch (a, b) {
        case (.int(let a), .int(let b)): self.init(a, b)
        case (.uint(let a), .uint(let b)): self.init(a, b)
        case (.double(let a), .double(let b)): self.init(a, b)
        case (.int(let a), .uint(let b)): self = b > UInt64(Int64.max) ? .less : .init(a, Int64(b))
        case (.uint(let a), .int(let b)):
            self = a > UInt64(Int64.max) ? .greater : .init(Int64(a), b)
        // A double and an integer are compared as doubles, as the language's conformance tests require
        // (`9223372036854775807 < 9223372036854775808.0` is false). The result is exact up to 2^53.
        case (.int(let a), .double(let b)): self.init(Double(a), b)
        case (.double(let a), .int(let b)): self.init(a, Double(b))
        case (.uint(let a), .double(let b)): self.init(Double(a), b)
        case (.double(let a), .uint(let b)): self.init(a, Double(b))
        case (.string(let a), .string(let b)):
            try budget.spend(bytes: min(a.utf8.count, b.utf8.count))
            self.init(bytes: a.utf8.span, b.utf8.span)
        case (.bytes(let a), .bytes(let b)):
            try budget.spend(bytes: min(a.count, b.count))
            self.init(bytes: a.span, b.span)
        case (.bool(let a), .bool(let b)): self.init(a ? 1 : 0, b ? 1 : 0)
        case (.timestamp(let a), .timestamp(let b)):
            self.init(a.seconds, a.nanoseconds, b.seconds, b.nanoseconds)
        case (.duration(let a), .duration(let b)):
            self.init(a.seconds, a.nanoseconds, b.seconds, b.nanoseconds)
        default: throw CELFault(.noSuchOverload)
        }
    }

    private init(_ aSeconds: Int64, _ aNanos: Int32, _ bSeconds: Int64, _ bNanos: Int32) {
        self = aSeconds == bSeconds ? .init(aNanos, bNanos) : .init(aSeconds, bSeconds)
    }

    /// The order of UTF-8 bytes is the order of code points.
    private init(bytes a: borrowing Span<UInt8>, _ b: borrowing Span<UInt8>) {
        for index in 0..<min(a.count, b.count) where a[index] != b[index] {
            self = a[index] < b[index] ? .less : .greater
            return
        }
        self.init(a.count, b.count)
    }
}

/// The comparisons `<`, `<=`, `>` and `>=`.
enum CELComparison {
    case less, lessEqual, greater, greaterEqual

    func holds(_ ordering: CELOrdering) -> Bool {
        switch (self, ordering) {
        case (.less, .less), (.lessEqual, .less), (.lessEqual, .same): true
        case (.greater, .greater), (.greaterEqual, .greater), (.greaterEqual, .same): true
        case (.less, _), (.lessEqual, _), (.greater, _), (.greaterEqual, _): false
        }
    }

    func holds(_ a: CELValue, _ b: CELValue, _ budget: inout CELBudget) throws(CELFault) -> Bool {
        holds(try CELOrdering(a, b, &budget))
    }
}
