import InterlockCredentials
import InterlockModel
import InterlockPorts
import InterlockSafety
import InterlockTesting
import Testing

@testable import InterlockScanning

/// Texts of several parts (docs/decisions/0135-agents-take-turns-in-the-search.md).
@Suite(.requirement("R082"), .timeLimit(.minutes(2))) struct PartedSearchTests {
    private static let token = "npm_" + "SGqkyjpNizqqCaiyuc7T5QAQY929dU0HjtjN"
    private static let part = PartedSearch.partBytes
    private static let compiled = Result { try CompiledRules.builtIn(hashing: OpenSSLHashing()) }

    private let ada = AgentName("ada")!

    private static func search(
        on executor: any TaskExecutor = globalConcurrentExecutor
    ) throws -> ResultSearch {
        ResultSearch(
            try compiled.get(),
            for: reader(), hashing: OpenSSLHashing(), on: executor, most: 8)
    }

    private static func reader() -> BrokerValueReader {
        BrokerValueReader(on: globalConcurrentExecutor) { (_) throws(ScanFailure) in
            (BrokeredValues(key: (3, 4)), [0])
        }
    }

    private static func spaces(_ count: Int) -> String { String(repeating: " ", count: count) }

    private static func extents(_ inspection: ResultInspection) -> [ResultFinding.Extent] {
        guard case .found(let findings, _, _) = inspection else { return [] }
        return findings.map(\.extent)
    }

    @Test func `a value is found wherever a part ends`() async throws {
        let search = try Self.search()
        let length = Self.token.utf8.count
        for end in [Self.part, 2 * Self.part, 3 * Self.part] {
            for start in [end - length - 1, end - length, end - 7, end - 1, end, end + 1] {
                for behind in [0, 1, Self.part] {
                    let text = Self.spaces(start) + Self.token + Self.spaces(behind)
                    #expect(
                        Self.extents(await search.inspect([text], for: ada))
                            == [.part(text: 0, bytes: start..<start + length)],
                        "start \(start), \(behind) bytes behind")
                }
            }
        }
    }

    @Test func `a document of many texts is searched whole, whatever its length`() async throws {
        let search = try Self.search()
        for count in [Self.part - 1, Self.part, Self.part + 1, 2 * Self.part, 3 * Self.part + 1] {
            // Each text is one byte and its line feed, or nothing but that.
            var texts = Array(repeating: "a", count: count / 2)
            if count % 2 == 1 { texts.append("") }
            #expect(await search.inspect(texts, for: ada) == .clean)
            texts.append(Self.token)
            let bytes = 0..<Self.token.utf8.count
            #expect(
                Self.extents(await search.inspect(texts, for: ada))
                    == [.part(text: texts.count - 1, bytes: bytes)], "\(count) bytes before")
        }
    }

    @Test func `searches that take turns find what is in their own text`() throws {
        let holder = RuleHolder(try Self.compiled.get())
        let slots = SpareSlot {
            ScannerSlot(
                holder, hashing: OpenSSLHashing(), blockBytes: Self.part, budget: .full)
        }
        let reader = Self.reader()
        let length = Self.token.utf8.count
        // The values are at the same bytes of different parts. The slots of the first round serve the second.
        for _ in 1...2 {
            let starts = [Self.part + 10, 2 * Self.part + 10]
            let texts =
                starts.map { Self.spaces($0) + Self.token + Self.spaces(Self.part) }
                + [Self.spaces(3 * Self.part)]
            let searches = texts.map { PartedSearch([$0], for: reader, by: slots) }
            var answers: [ResultInspection?] = [nil, nil, nil]
            while answers.contains(nil) {
                for (index, search) in searches.enumerated() where answers[index] == nil {
                    answers[index] = search.next()
                }
            }
            for (start, answer) in zip(starts, answers) {
                #expect(
                    Self.extents(try #require(answer))
                        == [.part(text: 0, bytes: start..<start + length)])
            }
            #expect(answers[2] == .clean)
        }
    }

    @Test func `a search after a cancelled one has its answer`() async throws {
        let thread = HeldThread()
        let search = try Self.search(on: thread)
        let texts = [Self.spaces(2 * Self.part) + Self.token]
        for isCancelled in [true, false, true, false] {
            let task = Task { [ada] in await search.inspect(texts, for: ada) }
            while search.waiting == 0 { await Task.yield() }
            if isCancelled { task.cancel() }
            await thread.run()
            #expect((await task.value == .failed(.late)) == isCancelled)
        }
    }
}
