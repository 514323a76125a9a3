import InterlockModel

// The spellings of docs/specs/policy.md, section 2.2, each exact: one value has one spelling. Returns nil
// if the text is not of the kind.

/// Parses `-?(0|[1-9][0-9]*)` within ±(2^53 - 1).
func readInteger(_ text: some StringProtocol) -> Int64? {
    let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
    guard isCount(digits), let value = Int64(text), abs(value) <= 9_007_199_254_740_991 else {
        return nil
    }
    return text == "-0" ? nil : value
}

/// Parses `[1-9][0-9]*(s|m|h|d)` to seconds; at most 100 years.
func readDuration(_ text: String) -> Int64? {
    guard let unit = text.last, let seconds = secondsOfUnit[unit] else { return nil }
    let digits = text.dropLast()
    guard isCount(digits), digits != "0", let count = Int64(digits),
        count <= 3_155_760_000 / seconds
    else { return nil }
    return count * seconds
}

/// Parses `N/s`, `N/m`, `N/h` or `N/d`, with N from 0 to 10^12.
func readRate(_ text: String) -> Rate? {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, isCount(parts[0]), parts[1].count == 1, let unit = parts[1].first,
        let window = secondsOfUnit[unit], let count = Int64(parts[0]), count <= 1_000_000_000_000
    else { return nil }
    return Rate(count: count, windowSeconds: window)
}

private let secondsOfUnit: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]

/// Parses `08:00` to minutes since midnight.
func readClock(_ text: String) -> Int? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ $0.count == 2 && $0.utf8.allSatisfy(isDigit) }),
        let hour = Int(parts[0]), let minute = Int(parts[1]), hour < 24, minute < 60
    else { return nil }
    return hour * 60 + minute
}

/// Parses `allow`, `approve`, `approve n` (1 to 9) or `deny`.
func readVerdict(_ text: String) -> Verdict? {
    switch text {
    case "allow": return .allow
    case "deny": return .deny
    case "approve": return .approve(1)
    default:
        guard text.hasPrefix("approve "), text.utf8.count == 9, let digit = text.last,
            let people = Int(String(digit)), people > 0
        else { return nil }
        return .approve(people)
    }
}

/// Accepts `server.tool`, `server.resource:name`, `server.prompt:name` or one bare tool name.
func readToolReference(_ text: String) -> Bool {
    guard let dot = text.firstIndex(of: ".") else { return readItem(text) }
    if ServerName(String(text[..<dot])) != nil, readItem(text[text.index(after: dot)...]) {
        return true
    }
    return readItem(text)
}

/// Accepts a tool's name, or `resource:` or `prompt:` and a name.
func readItem(_ text: some StringProtocol) -> Bool {
    for kind in ["resource:", "prompt:"] where text.hasPrefix(kind) {
        return ToolName(String(text.dropFirst(kind.utf8.count))) != nil
    }
    return ToolName(String(text)) != nil
}

/// Accepts dotted names of fields, at most 16.
func readFieldPath(_ text: String) -> String? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard !text.isEmpty, parts.count <= 16, parts.allSatisfy({ !$0.isEmpty }) else { return nil }
    return text
}

/// Accepts an absolute `http` or `https` address in printable ASCII, with a host and without user
/// information or a fragment.
func readURL(_ text: String) -> String? {
    for scheme in ["http://", "https://"] where text.hasPrefix(scheme) {
        let rest = text.dropFirst(scheme.utf8.count)
        let host = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard !host.isEmpty, !host.contains("@"), !text.contains("#"), text.utf8.count <= 2048,
            text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f })
        else { return nil }
        return text
    }
    return nil
}

/// Accepts `host:port`; the host may contain `*` (W209).
func readHostAndPort(_ text: String) -> String? {
    guard let colon = text.lastIndex(of: ":") else { return nil }
    let host = text[..<colon]
    let port = text[text.index(after: colon)...]
    guard !host.isEmpty, host.utf8.count <= 253, isCount(port), let number = Int(port),
        (1...65_535).contains(number),
        host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "/") })
    else { return nil }
    return text
}

/// Accepts `W` and three digits, for warnings that this version does not compute.
func readWarningCode(_ text: String) -> String? {
    guard text.utf8.count == 4, text.hasPrefix("W"), text.dropFirst().utf8.allSatisfy(isDigit)
    else { return nil }
    return text
}

/// Accepts `ed25519:` and the base64 of 32 bytes, with padding.
func readPublicKey(_ text: String) -> String? {
    guard text.hasPrefix("ed25519:"), PublicKey(base64: String(text.dropFirst(8))) != nil else {
        return nil
    }
    return text
}

/// Parses `512MiB`, `2GiB`, `64KiB` or a number of bytes.
func readByteCount(_ text: String) -> Int64? {
    for (unit, size) in [("KiB", Int64(1) << 10), ("MiB", 1 << 20), ("GiB", 1 << 30)]
    where text.hasSuffix(unit) {
        let digits = text.dropLast(3)
        guard isCount(digits), let count = Int64(digits), count <= 1 << 20 else { return nil }
        return count * size
    }
    guard let count = readInteger(text), count >= 0 else { return nil }
    return count
}

/// Returns true for 1 to 19 digits without a leading zero.
private func isCount(_ text: some StringProtocol) -> Bool {
    guard (1...19).contains(text.utf8.count), text.utf8.allSatisfy(isDigit) else { return false }
    return text.utf8.count == 1 || text.utf8.first != UInt8(ascii: "0")
}

private func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
}
