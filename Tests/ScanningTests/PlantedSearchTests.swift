import InterlockCredentials
import InterlockModel
import InterlockPorts
import InterlockSafety
import InterlockTesting
import Testing

@testable import InterlockScanning

/// Canaries in the search of results and arguments, by the real engines and rules.
@Suite(.requirement("R082")) struct PlantedSearchTests {
    private static let begin = "-----BEGIN " + "PRIVATE KEY-----"
    private static let name = PlantedValueName("decoy").unwrapped
    private static let compiled = Result { try CompiledRules.builtIn(hashing: OpenSSLHashing()) }

    /// A value of this form.
    private static func value(_ form: PlantedValueForm) -> String {
        let material = (0..<PlantedValueForm.materialBytes).map {
            UInt8(truncatingIfNeeded: $0 &* 53 &+ 11)
        }
        return String(decoding: form.value(from: material), as: UTF8.self)
    }

    private static func findings(
        in texts: [String], of form: PlantedValueForm, isAtOnce: Bool
    ) async throws -> [ResultFinding] {
        let bytes = Array(value(form).utf8)
        let reader = BrokerValueReader(on: globalConcurrentExecutor) { (_) throws(ScanFailure) in
            var values = BrokeredValues(key: (3, 4))
            guard values.add(PlantedValue(name: Self.name, bytes: bytes)) else {
                throw ScanFailure(.values, "not registered")
            }
            return (values, [1])
        }
        _ = reader.read()
        let search = ResultSearch(
            try compiled.get(), for: reader, hashing: OpenSSLHashing(),
            on: globalConcurrentExecutor, most: 8, callers: 1)
        let agent = AgentName("clerk").unwrapped
        let inspection: ResultInspection?
        if isAtOnce {
            inspection = search.inspectAtOnce(
                texts, bytes: texts.reduce(0) { $0 + $1.utf8.count })
        } else {
            inspection = await search.inspect(texts, for: agent)
        }
        guard case .found(let findings, _, _)? = inspection else { return [] }
        return findings
    }

    @Test(arguments: PlantedValueForm.allCases, [true, false])
    func `a canary is found with its name, whatever its form`(
        _ form: PlantedValueForm, isAtOnce: Bool
    ) async throws {
        let value = Self.value(form)
        for text in [value, String(value.reversed()), Hex.encode(Array(value.utf8))] {
            let found = try await Self.findings(
                in: ["plain", "it is \(text)."], of: form, isAtOnce: isAtOnce)
            let first = try #require(found.first)
            #expect(first.rule == .canary && first.secretClass == .canary, "\(text)")
            #expect(first.planted == Self.name, "\(text)")
        }
        #expect(try await Self.findings(in: ["plain"], of: form, isAtOnce: isAtOnce) == [])
    }

    @Test func `parts of a canary are known once the values are read, and unknown before`() throws {
        let bytes = Array(Self.value(.token).utf8)
        let reader = BrokerValueReader(on: globalConcurrentExecutor) { (_) throws(ScanFailure) in
            var values = BrokeredValues(key: (3, 4))
            guard values.add(PlantedValue(name: Self.name, bytes: bytes)) else {
                throw ScanFailure(.values, "not registered")
            }
            return (values, [1])
        }
        let search = ResultSearch(
            try Self.compiled.get(), for: reader, hashing: OpenSSLHashing(),
            on: globalConcurrentExecutor, most: 8)
        #expect(search.parts(in: ["plain"]) == nil)
        _ = reader.read()
        #expect(search.parts(in: ["plain"]) == [])
        let piece = String(decoding: bytes[8..<20], as: UTF8.self)
        let found = try #require(search.parts(in: ["plain", "a \(piece)"])?.first)
        #expect(found.planted == Self.name && found.parts.nonzeroBitCount == 12)
        // Texts are lines, so no stretch goes over two.
        let (first, second) = (String(piece.prefix(6)), String(piece.suffix(6)))
        #expect(search.parts(in: [first, second]) == [])
    }

    /// A value that is hidden from its reader must not hide the canary from people.
    @Test func `a canary is reported also inside and after what is withheld anyway`() async throws {
        let value = Self.value(.token)
        let many = Array(repeating: "npm_" + "SGqkyjpNizqqCaiyuc7T5QAQY929dU0HjtjN", count: 300)
        for texts in [
            ["\(Self.begin)\n\(value)\n"], ["\(Self.begin)\nMIIEvQIBADANBgkq", "then \(value)"],
            many + [value],
        ] {
            let found = try await Self.findings(in: texts, of: .token, isAtOnce: false)
            #expect(found.contains { $0.planted == Self.name }, "\(texts.count)")
        }
    }
}
