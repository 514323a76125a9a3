package import InterlockJSON
package import InterlockModel

/// The values that a run has got, each with the origins by which `ValueLabel` says where a value of a call comes from
/// (docs/specs/output-safety.md, section 7). It has keyed hashes of normalised values, never a value.
///
/// INVARIANT: a value that was only added as untrusted is neither of the request nor trusted, in whatever form it
/// comes; and adding untrusted content never makes a label better. Kept by `LabelIndexTests`.
package struct LabelIndex: Sendable {
    /// The most bytes of the index of one run. Values beyond it are not added, and what is unknown then counts as
    /// untrusted.
    package static let limitBytes = 4 << 20
    /// The most bytes of one text or document that are added, or whose values are looked up: a bound on the time that
    /// it takes.
    package static let longestContent = 256 << 10
    private static let firstSlots = 256
    /// The most sources of untrusted values that have a name.
    private static let mostSources = 255

    let hasher: ValueHasher
    /// Each entry has 52 bits of a hash, 8 of its source and 4 of its origins; 0 is none. Their number is a power of 2.
    private var slots: [UInt64] = []
    private var used = 0
    private(set) var sources: [String] = []
    /// False if the run has got values that are not here; what is unknown then counts as untrusted.
    package private(set) var isComplete = true
    private let limitSlots: Int

    /// - Parameters:
    ///   - key: random words, which are of this process alone.
    ///   - limitBytes: less than usual for tests.
    package init(key: (UInt64, UInt64), limitBytes: Int = LabelIndex.limitBytes) {
        hasher = ValueHasher(key: key)
        var slots = 1
        while slots * 16 <= limitBytes { slots *= 2 }
        limitSlots = slots
    }

    package var bytes: Int { slots.count * MemoryLayout<UInt64>.size }

    /// The origins of one value.
    struct Origins {
        static let request: UInt64 = 1
        static let trusted: UInt64 = 2
        static let named: UInt64 = 4
        static let untrusted: UInt64 = 8
        static let good = request | trusted
        static let bad = named | untrusted
        static let all = good | bad

        var bits: UInt64 = 0
        /// The index of the source of an untrusted value.
        var source: Int?

        mutating func add(_ other: Origins) {
            bits |= other.bits
            source = source ?? other.source
        }

        /// Is nil if the value is nowhere.
        var label: ValueLabel? {
            if bits & Self.request != 0 { return .request }
            if bits & Self.trusted != 0 { return .trusted }
            if bits & Self.untrusted != 0 { return .untrusted }
            return bits & Self.named != 0 ? .named : nil
        }
    }

    /// Counts what is unknown as untrusted from now on: something reached the run that is not here.
    package mutating func lose() { isComplete = false }

    /// Adds the user's own words, unless they are too long.
    ///
    /// - Parameter date: the day of the request.
    package mutating func add(request text: String, on date: CivilDate) {
        guard Self.isShort(.string(text)) else { return }
        TextValues(text, hasher).each(on: date, isWide: false) { insert($0, Origins.request, 0) }
    }

    /// Adds content of a trusted source, unless it is too long. Values that came in the arguments of the call and have
    /// no good origin themselves do not become trusted by coming back.
    ///
    /// - Parameter arguments: those of the call that brought the content.
    package mutating func add(trusted content: JSONValue, answering arguments: JSONValue) {
        guard Self.isShort(content), Self.isShort(arguments) else { return }
        var echoes: Set<UInt64> = []
        eachText(of: arguments, isNested: false) { text in
            TextValues(text, hasher).each(on: nil, isWide: true) { hash in
                if origins(of: hash).bits & Origins.good == 0 { echoes.insert(hash) }
            }
        }
        eachText(of: content, isNested: true) { text in
            let values = TextValues(text, hasher)
            values.each(on: nil, isWide: false, unless: { echoes.contains($0) }) {
                insert($0, Origins.trusted, 0)
            }
        }
    }

    /// Adds content of an untrusted source. If it is too long, the index is incomplete.
    ///
    /// - Parameters:
    ///   - source: the name of the source, for people.
    ///   - isNamed: true if a value of the user's request addressed the content.
    package mutating func add(untrusted content: JSONValue, of source: String, isNamed: Bool) {
        guard Self.isShort(content) else { return lose() }
        let number = number(of: source)
        let origin = isNamed ? Origins.named : Origins.untrusted
        eachText(of: content, isNested: true) { text in
            TextValues(text, hasher).each(on: nil, isWide: true) { insert($0, origin, number) }
        }
    }

    static func isShort(_ content: JSONValue) -> Bool {
        var left = longestContent
        eachText(of: content, isNested: false) { left -= $0.utf8.count + 1 }
        return left >= 0
    }

    func origins(of hash: UInt64) -> Origins {
        guard !slots.isEmpty else { return Origins() }
        let entry = slots[slot(of: hash)]
        guard entry != 0 else { return Origins() }
        let bits = entry & Origins.all
        return Origins(
            bits: bits, source: bits & Origins.bad == 0 ? nil : Int(entry >> 4 & 0xff))
    }

    mutating func number(of source: String) -> Int {
        if let known = sources.firstIndex(of: source) { return known }
        guard sources.count < Self.mostSources else { return Self.mostSources }
        sources.append(source)
        return sources.count - 1
    }

    private static let hashBits: UInt64 = ~0xfff

    /// Returns the slot that has the value, or the one that would.
    private func slot(of hash: UInt64) -> Int {
        let mask = slots.count - 1
        // The highest bits, which every entry has.
        var slot = Int(hash >> 32) & mask
        while slots[slot] != 0, (slots[slot] ^ hash) & Self.hashBits != 0 {
            slot = (slot + 1) & mask
        }
        return slot
    }

    mutating func insert(_ hash: UInt64, _ origin: UInt64, _ source: Int) {
        if !slots.isEmpty {
            let slot = slot(of: hash)
            let entry = slots[slot]
            if entry != 0 {
                let isFirstBad = origin & Origins.bad != 0 && entry & Origins.bad == 0
                slots[slot] = entry | origin | (isFirstBad ? UInt64(source) << 4 : 0)
                return
            }
        }
        guard used < slots.count / 8 * 7 || grow() else { return lose() }
        let author = origin & Origins.bad == 0 ? 0 : UInt64(source) << 4
        slots[slot(of: hash)] = hash & Self.hashBits | author | origin
        used += 1
    }

    /// - Returns: false if the limit is reached.
    private mutating func grow() -> Bool {
        let count = slots.isEmpty ? min(Self.firstSlots, limitSlots) : slots.count * 2
        guard count <= limitSlots else { return false }
        let old = slots
        slots = [UInt64](repeating: 0, count: count)
        for entry in old where entry != 0 { slots[slot(of: entry)] = entry }
        return true
    }
}

/// Passes the strings, numbers and names of members of a document.
///
/// - Parameter isNested: true to read the JSON documents that strings are, as most servers repeat their results.
func eachText(of value: JSONValue, isNested: Bool, _ visit: (String) -> Void) {
    switch value {
    case .null, .bool: break
    case .integer(let number): visit(String(number))
    // The one form that a number in a text has too, without an exponent.
    case .number(let number):
        visit(String(decoding: NumberReadings.canonical(number), as: UTF8.self))
    case .string(let text):
        if isNested, let nested = document(in: text) {
            eachText(of: nested, isNested: false, visit)
        } else {
            visit(text)
        }
    case .array(let items): for item in items { eachText(of: item, isNested: isNested, visit) }
    case .object(let object):
        for (key, value) in object.members {
            visit(key)
            eachText(of: value, isNested: isNested, visit)
        }
    }
}
