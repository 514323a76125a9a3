import InterlockModel

/// The parts of a URL in a folded text, each of which must have its own label.
struct URLParts {
    /// The host, with a port that is not the one of its scheme.
    let host: Range<Int>
    /// The scheme, if it is neither `http` nor `https`.
    let scheme: Range<Int>?
    /// A user name or a password before the host.
    let user: Range<Int>?
    /// The path without dot segments and a final slash, or nil for the root.
    let path: [UInt8]?
    /// The query and the fragment, or nil without them.
    let query: [UInt8]?

    /// - Parameter range: the token, which has `://` in it.
    init(_ bytes: [UInt8], _ range: Range<Int>) {
        var colon = range.lowerBound
        while bytes[colon] != UInt8(ascii: ":") { colon += 1 }
        let isSecure = bytes[range.lowerBound..<colon].elementsEqual("https".utf8)
        let isPlain = bytes[range.lowerBound..<colon].elementsEqual("http".utf8)
        scheme = isSecure || isPlain ? nil : range.lowerBound..<colon
        var start = min(colon + 3, range.upperBound)
        var end = start
        // Browsers read a backslash as a slash.
        while end < range.upperBound, !Self.ends.contains(bytes[end]) { end += 1 }
        let authority = bytes[start..<end]
        if let at = authority.lastIndex(of: UInt8(ascii: "@")) {
            user = start..<at
            start = at + 1
        } else {
            user = nil
        }
        var last = end
        let standard = isSecure ? ":443" : ":80"
        if isSecure || isPlain,
            bytes[start..<end].suffix(standard.utf8.count)
                .elementsEqual(standard.utf8)
        {
            last -= standard.utf8.count
        }
        while last > start, bytes[last - 1] == UInt8(ascii: ".") { last -= 1 }
        host = start..<last
        var query = end
        while query < range.upperBound, bytes[query] != UInt8(ascii: "?"),
            bytes[query] != UInt8(ascii: "#")
        {
            query += 1
        }
        path = Self.path(bytes[end..<query])
        let rest = Self.decoded(bytes[query..<range.upperBound])
        self.query = rest.count > 1 ? rest : nil
    }

    private static let ends = ByteSet(of: "/\\?#")

    /// Returns the path without empty and dot segments, or nil if nothing is left.
    static func path(_ bytes: ArraySlice<UInt8>) -> [UInt8]? {
        var segments: [ArraySlice<UInt8>] = []
        let plain = decoded(bytes).map { $0 == UInt8(ascii: "\\") ? UInt8(ascii: "/") : $0 }
        for segment in plain.split(separator: UInt8(ascii: "/")) {
            if segment.elementsEqual("..".utf8) {
                _ = segments.popLast()
            } else if !segment.elementsEqual(".".utf8) {
                segments.append(segment)
            }
        }
        guard !segments.isEmpty else { return nil }
        return segments.reduce(into: []) { $0 += [UInt8(ascii: "/")] + $1 }
    }

    /// Returns the bytes with escapes of letters, digits and `-._~` decoded (RFC 3986, section 6.2.2.2).
    private static func decoded(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        let escaped = Array(bytes)
        guard escaped.contains(UInt8(ascii: "%")) else { return escaped }
        var output: [UInt8] = []
        var index = 0
        while index < escaped.count {
            if escaped[index] == UInt8(ascii: "%"), index + 2 < escaped.count,
                let high = digit(escaped[index + 1]), let low = digit(escaped[index + 2]),
                isUnreserved(high << 4 | low)
            {
                let byte = high << 4 | low
                output.append((0x41...0x5a).contains(byte) ? byte | 0x20 : byte)
                index += 3
            } else {
                output.append(escaped[index])
                index += 1
            }
        }
        return output
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        default: nil
        }
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        isLetter(byte) || isDigit(byte) || "-._~".utf8.contains(byte)
    }
}

/// The address or host that a token is or has in it.
enum AddressParts {
    private static let local = ByteSet(of: "abcdefghijklmnopqrstuvwxyz0123456789._-+'")
    private static let host = ByteSet(of: "abcdefghijklmnopqrstuvwxyz0123456789.-")
    /// Resolvers take an underscore as well (RFC 8552).
    private static let name = ByteSet(of: "abcdefghijklmnopqrstuvwxyz0123456789.-_")
    private static let ends = ByteSet(of: "/:?#")

    /// Returns the e-mail address in a token, in the form `user@example.com`, or nil if there is none.
    static func email(_ bytes: [UInt8], _ range: Range<Int>) -> Range<Int>? {
        guard let at = bytes[range].firstIndex(of: UInt8(ascii: "@")) else { return nil }
        var start = at
        while start > range.lowerBound, isPart(bytes[start - 1], of: local) { start -= 1 }
        var end = at + 1
        while end < range.upperBound, isPart(bytes[end], of: host) { end += 1 }
        guard start < at, bytes[at + 1..<end].contains(UInt8(ascii: ".")) else { return nil }
        return start..<end
    }

    /// True if the token is the name of a host with a dot, or an IPv4 address.
    static func isHost(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        var last = range.lowerBound
        var dots = 0
        for index in range {
            guard isPart(bytes[index], of: name) else { return false }
            if bytes[index] == UInt8(ascii: ".") {
                dots += 1
                last = index + 1
            }
        }
        guard dots > 0, last < range.upperBound else { return false }
        let label = bytes[last..<range.upperBound]
        if label.allSatisfy(isDigit) { return dots == 3 && !bytes[range].contains { isLetter($0) } }
        return label.count >= 2
            && (!label.contains(where: isDigit) || label.starts(with: "xn--".utf8))
    }

    /// True if the token begins with a host that a port, a path, a query or a fragment follows, also behind two slashes
    /// or what ends with a colon: `example.com/pay`, `//example.com:8443`, `https:example.com`.
    static func hasHost(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        let slash = UInt8(ascii: "/")
        let slashes = bytes[range].prefix { $0 == slash }.count
        guard slashes != 1 else { return false }
        var start = range.lowerBound + slashes
        while start < range.upperBound {
            var end = start
            while end < range.upperBound, !ends.contains(bytes[end]) { end += 1 }
            if start < end, isHost(bytes, start..<end) { return true }
            guard end < range.upperBound, bytes[end] == UInt8(ascii: ":") else { return false }
            start = end + 1
            while start < range.upperBound, bytes[start] == slash { start += 1 }
        }
        return false
    }

    /// True if the token is an IPv4 address in four decimal numbers, which may also be a number in groups.
    static func isIPv4(_ bytes: ArraySlice<UInt8>) -> Bool {
        let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy(isByte)
    }

    private static func isByte(_ part: ArraySlice<UInt8>) -> Bool {
        guard (1...3).contains(part.count) else { return false }
        var value = 0
        for digit in part {
            guard isDigit(digit) else { return false }
            value = value * 10 + Int(digit - UInt8(ascii: "0"))
        }
        return value <= 255
    }

    private static func isPart(_ byte: UInt8, of set: ByteSet) -> Bool {
        byte >= 0x80 || set.contains(byte)
    }
}
