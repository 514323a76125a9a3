package import InterlockModel

/// The path of a tile or an entry bundle (C2SP tlog-tiles), which contains at most 256 hashes or entries.
package struct TilePath: Hashable, Sendable, CustomStringConvertible {
    /// The level, 0 to 63, or nil for an entry bundle.
    package let level: Int?
    package let index: UInt64
    /// The width, 1 to 256; below 256 the tile is partial.
    package let width: Int

    package static let fullWidth = 256
    package static let span = UInt64(fullWidth)
    package static let maximumLevel = 63

    /// - Returns: nil if the level or the width is out of range.
    package init?(level: Int?, index: UInt64, width: Int = TilePath.fullWidth) {
        guard (1...Self.fullWidth).contains(width), (0...Self.maximumLevel).contains(level ?? 0)
        else { return nil }
        self.level = level
        self.index = index
        self.width = width
    }

    /// Creates the path of the last file, full or partial, of a level with `count` items.
    /// - Returns: nil if the count is zero.
    package init?(last level: Int?, of count: UInt64) {
        guard count > 0 else { return nil }
        let place = count - 1
        self.init(level: level, index: place / Self.span, width: Int(place % Self.span) + 1)
    }

    /// Creates the path of the bundle, full or partial, that holds a record of a log of `size` records.
    /// - Returns: nil if the log has no such record.
    package init?(bundleOf index: UInt64, size: UInt64) {
        guard index < size else { return nil }
        let number = index / Self.span
        let width = min(size - number * Self.span, Self.span)
        self.init(level: nil, index: number, width: Int(width))
    }

    /// The index of the first item of the file in its level, or `UInt64.max` if it exceeds the range.
    package var start: UInt64 {
        let (start, isLarge) = index.multipliedReportingOverflow(by: Self.span)
        return isLarge ? .max : start
    }

    /// The number of items in the level of a log that ends with this file, or `UInt64.max` if it exceeds the range.
    package var end: UInt64 {
        let (end, isLarge) = start.addingReportingOverflow(UInt64(width))
        return isLarge ? .max : end
    }

    package var isPartial: Bool { width < Self.fullWidth }

    /// The path of the full file at the same position; a partial file is a prefix of it.
    package var full: TilePath { TilePath(uncheckedLevel: level, index: index) }

    private init(uncheckedLevel level: Int?, index: UInt64) {
        self.level = level
        self.index = index
        width = Self.fullWidth
    }

    /// The written form, such as `tile/0/x001/x234/067.p/5`.
    package var description: String {
        var groups = [Self.group(index % 1000)]
        var rest = index / 1000
        while rest > 0 {
            groups.append("x" + Self.group(rest % 1000))
            rest /= 1000
        }
        let place = groups.reversed().joined(separator: "/")
        let partial = width == Self.fullWidth ? "" : ".p/\(width)"
        return "tile/\(level.map(String.init) ?? "entries")/\(place)\(partial)"
    }

    /// Accepts exactly the written form, so that each tile has one path.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard text.utf8.count <= 64, parts.count >= 3, parts[0] == "tile" else { return nil }
        let level = parts[1] == "entries" ? nil : Int(parts[1])
        guard parts[1] == "entries" || level != nil else { return nil }
        var groups = parts.dropFirst(2)
        var width = Self.fullWidth
        if let beforeWidth = groups.dropLast().last, beforeWidth.hasSuffix(".p") {
            guard let last = groups.popLast(), let number = Int(last), number < Self.fullWidth
            else {
                return nil
            }
            width = number
            groups[groups.endIndex - 1] = beforeWidth.dropLast(2)
        }
        var index: UInt64 = 0
        for group in groups {
            let digits = group.hasPrefix("x") ? group.dropFirst() : group
            guard let value = UInt64(digits), value < 1000, index < 1 << 50 else { return nil }
            index = index * 1000 + value
        }
        self.init(level: level, index: index, width: width)
        guard description == text else { return nil }
    }

    private static func group(_ value: UInt64) -> String {
        let text = String(value)
        return String(repeating: "0", count: 3 - text.count) + text
    }
}

/// The codec of hash tiles, which are concatenated hashes.
package enum HashTile {
    package static func encode(_ hashes: some Collection<Digest>) -> [UInt8] {
        precondition(
            (1...TilePath.fullWidth).contains(hashes.count), "no empty tile, none above 256")
        return [UInt8](capacity: hashes.count * 32) { output in
            for hash in hashes { hash.append(to: &output) }
        }
    }

    /// Fetches a tile. If a partial tile was deleted because the full one exists, returns the prefix of the full one.
    static func read(
        _ path: TilePath, _ fetch: (TilePath) throws(TileFault) -> [UInt8]
    ) throws(TileFault) -> [Digest] {
        var found = path
        let bytes: [UInt8]
        do throws(TileFault) { bytes = try fetch(path) } catch {
            guard path.isPartial, error == .missing(path) else { throw error }
            found = path.full
            do throws(TileFault) { bytes = try fetch(found) } catch { throw .missing(path) }
        }
        guard let hashes = decode(bytes, width: found.width) else { throw .malformed(found) }
        return Array(hashes.prefix(path.width))
    }

    /// - Returns: nil unless `bytes` holds exactly `width` hashes.
    package static func decode(_ bytes: [UInt8], width: Int) -> [Digest]? {
        guard (1...TilePath.fullWidth).contains(width), bytes.count == width * 32 else {
            return nil
        }
        var hashes: [Digest] = []
        for start in stride(from: 0, to: bytes.count, by: 32) {
            guard let hash = Digest(bytes: bytes[start..<start + 32]) else { return nil }
            hashes.append(hash)
        }
        return hashes
    }
}
