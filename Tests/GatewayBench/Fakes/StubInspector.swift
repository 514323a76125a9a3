import InterlockCredentials
import InterlockModel
import InterlockPorts
import InterlockSafety

/// Answers each inspection by a function of the texts.
struct StubInspector: ResultInspector {
    private let answer: @Sendable ([String]) async -> ResultInspection
    private var atOnce: (@Sendable ([String]) -> ResultInspection)?
    /// The generation of the values; 0 unless a test changes them.
    var current: @Sendable () -> UInt64 = { 0 }
    /// The digest of the rules; one of no rules unless a test changes it.
    var digest: @Sendable () -> Digest = { OpenSSLHashing().sha256([7]) }
    /// The parts of values in texts; none unless a test changes them.
    var found: @Sendable ([String]) -> [ValuePart]? = { _ in [] }

    init(_ answer: @escaping @Sendable ([String]) async -> ResultInspection) {
        self.answer = answer
    }

    /// Answers without a wait.
    static func atOnce(_ answer: @escaping @Sendable ([String]) -> ResultInspection)
        -> StubInspector
    {
        var stub = StubInspector { answer($0) }
        stub.atOnce = answer
        return stub
    }

    var rules: Digest { digest() }

    var generation: UInt64 { current() }

    func inspectAtOnce(_ texts: [String], bytes: Int) -> ResultInspection? { atOnce?(texts) }
    func inspect(_ texts: [String], for agent: AgentName) async -> ResultInspection {
        await answer(texts)
    }
    func parts(in texts: [String]) -> [ValuePart]? { found(texts) }
    func refresh() {}

    static let clean = StubInspector.atOnce { _ in .clean }

    /// Marks a word once, and takes nothing out.
    static func marking(_ word: String) -> StubInspector {
        StubInspector.atOnce { texts in
            texts.contains { $0.contains(word) } ? .marked([.personal: 1]) : .clean
        }
    }

    /// Finds a value in each text, by the rule `canary-rule`; one of class `canary` is the canary `decoy`.
    static func finding(
        _ value: String, _ secretClass: SecretClass = .token
    ) -> StubInspector {
        StubInspector.atOnce { texts in
            guard let rule = RuleID("canary-rule") else { return .failed(.scanner) }
            let wanted = Array(value.utf8)
            var findings: [ResultFinding] = []
            for (index, text) in texts.enumerated() {
                let bytes = Array(text.utf8)
                guard bytes.count >= wanted.count else { continue }
                for start in 0...(bytes.count - wanted.count)
                where bytes[start..<start + wanted.count].elementsEqual(wanted) {
                    findings.append(
                        ResultFinding(
                            rule: rule, secretClass: secretClass,
                            extent: .part(text: index, bytes: start..<start + wanted.count),
                            planted: secretClass == .canary ? PlantedValueName("decoy") : nil))
                }
            }
            return findings.isEmpty ? .clean : .found(findings)
        }
    }
}
