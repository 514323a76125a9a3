package import InterlockJSON

/// The arguments of a call, rewritten in one way (docs/specs/evals.md, section 3).
package struct ArgumentMutant: Sendable, Hashable {
    package let kind: MutationKind
    /// The pointer of the rewritten value and the change, on one line: `/amount_cents: 50001.0`.
    package let change: String
    /// The arguments as JSON text, as a client could send them. Two texts can be one value: escapes and order differ.
    package let json: String

    /// The arguments as the gateway reads them, or nil if it refuses the text.
    package func arguments(limits: JSONLimits) -> JSONValue? {
        try? JSONValue(parsing: Array(json.utf8), limits: limits)
    }
}

/// The mutants of some arguments, in an order that the arguments determine.
///
/// The same arguments, kinds and seed give the same mutants in any process.
package struct ArgumentMutants: Sendable {
    package let all: [ArgumentMutant]

    /// The most mutants of one case.
    package static let most = 128
    /// The parts of the arguments that are rewritten, from the outside to the inside.
    static let mostParts = 64
    static let deepest = 16
    /// The members of one object of which each is rewritten.
    static let mostMembers = 32
    /// The mutants among which is chosen: large arguments have no more.
    private static let mostFound = 1024

    /// - Parameters:
    ///   - seed: chooses among the mutants if there are more than `most`, and the names of extra fields.
    package init(
        of arguments: JSONValue, by kinds: [MutationKind], seed: UInt64, most: Int = Self.most
    ) {
        var random = MutationRandom(seed: seed)
        var found: [ArgumentMutant] = []
        let written = jsonText(arguments)
        for part in ArgumentPart.parts(of: arguments) where found.count < Self.mostFound {
            for kind in kinds {
                for rewriting in part.rewritings(kind, &random) {
                    let json = render(arguments, at: part.place[...], as: rewriting.json)
                    // Bytes are compared: canonically equivalent texts are equal strings.
                    guard !json.utf8.elementsEqual(written.utf8) else { continue }
                    let pointer = part.pointer.isEmpty ? "/" : oneLine(part.pointer)
                    found.append(
                        ArgumentMutant(
                            kind: kind, change: "\(pointer): \(rewriting.name)", json: json))
                }
            }
        }
        all = random.sample(found, most: most)
    }
}

extension PolicyCase {
    /// The mutants of the case's arguments.
    package func mutants(seed: UInt64) -> ArgumentMutants {
        ArgumentMutants(
            of: test.arguments, by: mutations, seed: MutationRandom.seed(seed, for: test.name ?? "")
        )
    }
}

/// SplitMix64: a test is repeated by its seed, in any version of the program.
struct MutationRandom {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// Gives each case a seed of its own (FNV-1a over its id).
    static func seed(_ seed: UInt64, for name: String) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0100_0000_01b3 }
        return hash ^ seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// Chooses at most `most` elements and keeps their order.
    mutating func sample<Element>(_ all: [Element], most: Int) -> [Element] {
        guard all.count > most else { return all }
        var places = Array(all.indices)
        for place in 0..<max(0, most) {
            let left = UInt64(places.count - place)
            places.swapAt(place, place + Int(next() % left))
        }
        return places.prefix(max(0, most)).sorted().map { all[$0] }
    }
}

/// A text with its control characters escaped as in JSON, at most 80 characters of it.
func oneLine(_ text: String) -> String {
    String(jsonText(.string(text)).dropFirst().dropLast().prefix(80))
}

/// The compact JSON text of a value.
func jsonText(_ value: JSONValue) -> String { String(decoding: value.serialized(), as: UTF8.self) }

/// Writes a value with one part of it replaced by another text.
///
/// - Parameter place: the positions of members and elements on the way to the part.
private func render(_ value: JSONValue, at place: ArraySlice<Int>, as json: String) -> String {
    guard let next = place.first else { return json }
    let rest = place.dropFirst()
    switch value {
    case .array(let items):
        let texts = items.enumerated().map { number, item in
            number == next ? render(item, at: rest, as: json) : jsonText(item)
        }
        return "[" + texts.joined(separator: ",") + "]"
    case .object(let object):
        let texts = object.members.enumerated().map { number, member in
            let written =
                number == next ? render(member.value, at: rest, as: json) : jsonText(member.value)
            return jsonText(.string(member.key)) + ":" + written
        }
        return "{" + texts.joined(separator: ",") + "}"
    case .null, .bool, .integer, .number, .string: return jsonText(value)
    }
}
