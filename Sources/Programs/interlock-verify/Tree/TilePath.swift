/// The names of tiles and bundles (C2SP tlog-tiles), relative to the log's folder.
enum TilePath {
    /// Returns a path such as `tile/0/x001/x234/067`.
    static func full(_ level: Int?, _ index: UInt64) -> String {
        var groups = [digits(index % 1000)]
        var rest = index / 1000
        while rest > 0 {
            groups.append("x" + digits(rest % 1000))
            rest /= 1000
        }
        return "tile/\(level.map(String.init) ?? "entries")/"
            + groups.reversed().joined(separator: "/")
    }

    static func partial(_ level: Int?, _ index: UInt64, _ width: Int) -> String {
        full(level, index) + ".p/\(width)"
    }

    /// Parses a path; returns nil unless it is the canonical name of a tile or bundle.
    static func parse(_ path: String) -> (level: Int?, index: UInt64, width: Int)? {
        var parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count >= 3, parts.count <= 12, parts.removeFirst() == "tile" else { return nil }
        let name = parts.removeFirst()
        let level = name == "entries" ? nil : Int(name)
        guard name == "entries" || (0...63).contains(level ?? -1) else { return nil }
        var width = TileTree.width
        if parts.count >= 2, parts[parts.count - 2].hasSuffix(".p") {
            guard let partial = Int(parts.removeLast()), (1..<width).contains(partial) else {
                return nil
            }
            width = partial
            parts[parts.count - 1] = parts[parts.count - 1].dropLast(2)
        }
        var index: UInt64 = 0
        for part in parts {
            guard let group = UInt64(part.drop { $0 == "x" }), group < 1000, index < 1 << 50 else {
                return nil
            }
            index = index * 1000 + group
        }
        let written = width == TileTree.width ? full(level, index) : partial(level, index, width)
        return written == path ? (level, index, width) : nil
    }

    private static func digits(_ value: UInt64) -> String {
        let text = String(value)
        return String(repeating: "0", count: 3 - text.count) + text
    }
}
