/// Arithmetic of bounds. Results are not negative and are capped above every bound that matters, so that no
/// product overflows.
enum Bound {
    static let most = 1 << 40

    static func sum(_ a: Int, _ b: Int) -> Int { min(most, min(a, most) + min(b, most)) }

    static func product(_ a: Int, _ b: Int) -> Int {
        let (product, isOver) = a.multipliedReportingOverflow(by: b)
        return isOver ? most : min(most, product)
    }

    /// The number of pieces of `size` bytes, rounded up.
    static func pieces(_ bytes: Int, of size: Int) -> Int {
        bytes / size + (bytes % size == 0 ? 0 : 1)
    }
}

extension SizeAssumption {
    /// The maximum size of a string, or of the text of another value, in bytes.
    func bytes(_ extent: CELExtent) -> Int {
        switch extent {
        case .fixed: 0
        case .unstated: bytes
        case .text(let stated): stated ?? bytes
        case .list(_, let element): Bound.product(items(extent), Bound.sum(1, bytes(element)))
        case .map: Bound.product(items(extent), Bound.sum(1, bytes(extent.element)))
        }
    }

    func items(_ extent: CELExtent) -> Int {
        switch extent {
        case .fixed, .text: 0
        case .unstated: items
        case .list(let stated, _), .map(let stated, _, _): stated ?? items
        }
    }

    /// The steps of reading a value once: 1 per 16 bytes of text, and 1 plus its own steps per element.
    func weight(_ extent: CELExtent) -> Int {
        switch extent {
        case .fixed: 0
        case .text: Bound.pieces(bytes(extent), of: 16)
        case .unstated: Bound.sum(Bound.pieces(bytes, of: 16), items)
        case .list, .map: Bound.product(items(extent), Bound.sum(1, weight(extent.element)))
        }
    }

    /// The steps of `==` and of `<`. Unequal sizes end a comparison, so the smaller value bounds it.
    func comparison(_ a: CELExtent, _ b: CELExtent) -> Int {
        let count = min(items(a), items(b))
        switch (a, b) {
        case (.list, .list):
            return Bound.product(count, Bound.sum(1, comparison(a.element, b.element)))
        case (.map, .map):
            let entry = Bound.sum(lookup(in: b, keyBytes: bytes), comparison(a.element, b.element))
            return Bound.product(count, Bound.sum(1, entry))
        default: return min(weight(a), weight(b))
        }
    }

    /// The steps of finding a key among others of its length.
    func lookup(in map: CELExtent, keyBytes: Int) -> Int {
        let entries = items(map)
        return Bound.sum(entries / 16, Bound.product(entries, keyBytes / 16))
    }
}
