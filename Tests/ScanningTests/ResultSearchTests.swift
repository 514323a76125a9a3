import InterlockCredentials
import InterlockModel
import InterlockPorts
import InterlockSafety
import InterlockScanning
import InterlockTesting
import Synchronization
import Testing

/// The search of results by the real engines and rules (docs/specs/coding-agents.md, section 7).
@Suite(.requirement("R082")) struct `Search of results` {
    private static let token = "npm_" + "SGqkyjpNizqqCaiyuc7T5QAQY929dU0HjtjN"
    private static let begin = "-----BEGIN " + "PRIVATE KEY-----"
    private static let end = "-----END " + "PRIVATE KEY-----"

    private static func values(_ texts: [String], _ revision: UInt8 = 0) -> BrokerValueReader.Values
    {
        var values = BrokeredValues(key: (3, 4))
        for text in texts { _ = values.add(Array(text.utf8)) }
        return (values, [revision])
    }

    private static let compiled = Result { try CompiledRules.builtIn(hashing: OpenSSLHashing()) }

    private static func search(
        most: Int = 64, callers: Int = 0,
        on executor: any TaskExecutor = globalConcurrentExecutor,
        longestAge: Duration = BrokerValueReader.longestAge,
        _ values: @escaping BrokerValueReader.ChangedValues = { (_) throws(ScanFailure) in
            Self.values([])
        }
    ) throws -> ResultSearch {
        ResultSearch(
            try compiled.get(),
            for: BrokerValueReader(
                on: globalConcurrentExecutor, longestAge: longestAge, values: values),
            hashing: OpenSSLHashing(), on: executor, most: most, callers: callers)
    }

    private static func found(_ inspection: ResultInspection) -> [ResultFinding] {
        if case .found(let findings, _, _) = inspection { findings } else { [] }
    }

    @Test func `a token is found in its text and at its bytes`() async throws {
        let search = try Self.search()
        #expect(await search.inspect(["plain", "", "text"]) == .clean)
        #expect(await search.inspect([]) == .clean)
        let findings = Self.found(
            await search.inspect(["a", "", "é \(Self.token) b", "c \(Self.token)"]))
        #expect(findings.map(\.rule.description) == ["npm-token", "npm-token"])
        #expect(
            findings.map(\.extent) == [
                .part(text: 2, bytes: 3..<43), .part(text: 3, bytes: 2..<42),
            ])
    }

    /// Marks are for people, and take nothing out of a result.
    @Test func `findings that only mark are counted by class`() async throws {
        let search = try Self.search()
        let address = "postgres://app:" + "k7hQ2mVx9s@db.internal:5432/app"
        #expect(await search.inspect([address]).marks[.generic] == 1)
        let account = "NL61 INGB 0417 1643" + " 00"
        // A name and its value are lines of one document.
        let texts = ["write to ada@mail.example.org", "born", "1984-03-" + "21"]
        let marked = await search.inspect(texts)
        #expect(marked.marks == [.personal: 2] && marked.isClean)
        // If a value is replaced, they are counted in the copy that is searched again.
        #expect(await search.inspect(texts + [Self.token]).marks.isEmpty)
        guard case .marked(let values, _) = marked else { throw Unexpected() }
        #expect(
            values.places.map(\.extent) == [
                .part(text: 0, bytes: 9..<29), .part(text: 2, bytes: 0..<10),
            ])
        // Numbers of people are findings, with the value and without its name.
        let found = Self.found(await search.inspect(["iban", account, "ssn", "219-09-" + "9999"]))
        #expect(found.map(\.secretClass) == [.iban, .nationalID])
        #expect(
            found.map(\.extent) == [
                .part(text: 1, bytes: 0..<account.utf8.count), .part(text: 3, bytes: 0..<11),
            ])
        #expect(
            await search.inspect(["card", "4111 1111 1111 1111", "4111 1111 1111 1112"]) == .clean)
        #expect(await search.inspect(["card_number", "4111111111111111"]) == .clean)
    }

    private struct Unexpected: Error {}

    /// The groups of an account are a card's number by chance; what follows it is no part of it.
    @Test func `a card in an account is none, and one behind it is`() async throws {
        let search = try Self.search()
        // AT, 18 digits of check and account, of which 16 are a card.
        let card = "4539 7884 " + "0388 5421"
        let account = try #require(
            (0..<100).lazy.map { "AT\($0 < 10 ? "0" : "")\($0) \(card)" }.first {
                ValueCheck.iban.holds(of: Array($0.utf8), hashing: OpenSSLHashing())
            })
        let alone = Self.found(await search.inspect([account]))
        #expect(alone.map(\.secretClass) == [.iban])
        #expect(alone.map(\.extent) == [.part(text: 0, bytes: 0..<account.utf8.count)])
        let both = Self.found(await search.inspect(["\(account) paid by \(card)"]))
        #expect(both.map(\.secretClass) == [.iban, .card])
        #expect(both.first?.extent == .part(text: 0, bytes: 0..<account.utf8.count))
    }

    /// The finding of such a card begins at its word.
    @Test func `a card in a later member hides no card before it`() async throws {
        let search = try Self.search()
        let (first, second) = ("4539 7884 " + "0388 5421", "2202343261" + "810127")
        let found = Self.found(
            await search.inspect(["card", "earlier", first, "number", second, "cvc", "123"]))
        #expect(found.allSatisfy { $0.secretClass == .card })
        #expect(
            Set(found.map(\.extent)) == [
                .part(text: 2, bytes: 0..<19), .part(text: 4, bytes: 0..<16),
            ])
        #expect(found.count == 2)
        // Nor does an account between the word and the number take it.
        let both = Self.found(
            await search.inspect(["iban card", "NL61 INGB 0417 1643" + " 00", "number", second]))
        #expect(Set(both.map(\.secretClass)) == [.iban, .card])
    }

    /// A number that a policy accepts hides nothing of another class.
    @Test func `a number beside a token takes no place from it`() async throws {
        let search = try Self.search()
        let number = "4539 7884 " + "0388 5421"
        let glued = Self.found(await search.inspect(["\(number)-\(Self.token)"]))
        #expect(Set(glued.map(\.secretClass)) == [.card, .token])
        let many = String(repeating: number + " ", count: ResultSearch.mostFindings + 1)
        let found = Self.found(await search.inspect([many + Self.token]))
        #expect(Set(found.map(\.secretClass)) == [.card, .token])
        #expect(found.allSatisfy { $0.extent == .everywhere })
        // Nor does a token, which denies no call of a coding agent's own tools.
        let tokens = String(
            repeating: Self.token + " ", count: ResultSearch.mostFindings + 1)
        let key = "\(Self.begin)\nMIIEvQIBADANBgkq\n\(Self.end)"
        let behind = Self.found(await search.inspect([tokens + number, key]))
        #expect(Set(behind.map(\.secretClass)) == [.card, .token, .privateKey])
        #expect(behind.allSatisfy { $0.extent == .everywhere })
    }

    @Test func `encoded numbers of one class take no place from those of another`() async throws {
        let search = try Self.search()
        let account = Base64.encode(Array(("NL61 INGB 0417 1643" + " 00").utf8))
        let card = Base64.encode(Array(("4539 7884 " + "0388 5421").utf8))
        let many = String(repeating: account + " ", count: ResultSearch.mostFindings + 1)
        let found = Self.found(await search.inspect([many + card]))
        #expect(Set(found.map(\.secretClass)) == [.iban, .card])
        #expect(found.allSatisfy { $0.extent == .everywhere })
    }

    @Test func `a text full of what only marks is searched for what blocks`() async throws {
        let search = try Self.search()
        let dense = String(repeating: "a@b.cd@e.fg@h.ij ", count: 60_000)
        #expect(await search.inspect([dense]).isClean)
        let findings = Self.found(await search.inspect([dense + Self.token]))
        #expect(findings.map(\.rule.description) == ["npm-token"])
    }

    @Test func `a key goes as a whole, or with everything`() async throws {
        let search = try Self.search()
        let key = "\(Self.begin)\nMIIEvQIBADANBgkq\n\(Self.end)"
        #expect(
            Self.found(await search.inspect(["x", "a\n\(key)\nb"])).map(\.extent)
                == [.part(text: 1, bytes: 2..<2 + key.utf8.count)])
        // Its lines are a list, or its end is cut off.
        let line = "MIIEvQIBADANBgkq"
        for texts in [
            [Self.begin, line, Self.end], ["\(Self.begin)\n\(line)"], [Self.begin, line],
            ["begin", Self.begin, "key", line, "end", Self.end],
        ] {
            #expect(Self.found(await search.inspect(texts)).map(\.extent) == [.everywhere])
        }
    }

    @Test func `the marker of a key alone is only marked`() async throws {
        let search = try Self.search()
        for texts in [
            [Self.begin], ["\(Self.begin)\nMIIE...\n\(Self.end)"],
            ["begin", Self.begin, "end", Self.end],
        ] {
            guard case .marked(let marks, _) = await search.inspect(texts) else {
                Issue.record("\(texts)")
                continue
            }
            #expect(marks.counts == [.generic: 1], "\(texts)")
        }
    }

    @Test func `more findings than are kept take everything`() async throws {
        let text = String(repeating: Self.token + " ", count: ResultSearch.mostFindings + 1)
        let search = try Self.search()
        let findings = Self.found(await search.inspect([text]))
        #expect(findings.map(\.extent) == [.everywhere])
        let few = String(repeating: Self.token + " ", count: ResultSearch.mostFindings)
        #expect(
            Self.found(await search.inspect([few])).count == ResultSearch.mostFindings)
    }

    @Test func `a value of the broker is found as it is now, also encoded`() async throws {
        let current = Mutex((text: "first-value-of-broker", revision: UInt8(1)))
        let search = try Self.search { (known) throws(ScanFailure) in
            current.withLock { current in
                known == [current.revision]
                    ? nil : Self.values([current.text], current.revision)
            }
        }
        let encoded = "x " + Base64.encode(Array("first-value-of-broker".utf8)) + " y"
        for text in ["a first-value-of-broker b", encoded] {
            let findings = Self.found(await search.inspect([text]))
            #expect(findings.first?.secretClass == .brokered, "\(text)")
        }
        #expect(await search.inspect(["a second-value-of-broker b"]) == .clean)
        #expect(Self.found(await search.inspect(["a first-value-of-broker b"])).count == 1)
        current.withLock { $0 = ("second-value-of-broker", 2) }
        #expect(Self.found(await search.inspect(["a second-value-of-broker b"])).count == 1)
        #expect(await search.inspect(["a first-value-of-broker b"]) == .clean)
    }

    @Test func `without values, or with a full queue, there is no answer`() async throws {
        let failing = try Self.search { (_) throws(ScanFailure) in
            throw ScanFailure(.values, "the folder of secrets cannot be read")
        }
        #expect(await failing.inspect(["a"]) == .failed(.scanner))
        // Nothing was read, so nothing can be unchanged.
        let empty = try Self.search { (_) throws(ScanFailure) in nil }
        #expect(await empty.inspect(["a"]) == .failed(.scanner))
        let full = try Self.search(most: 0)
        #expect(await full.inspect(["a"]) == .failed(.busy))
    }

    @Test func `a small result is searched at once, by the same rules and values`() async throws {
        let search = try Self.search(callers: 1) { (_) throws(ScanFailure) in
            Self.values(["first-value-of-broker"])
        }
        // The values were never read.
        #expect(search.inspectAtOnce(["a"], bytes: 1) == nil)
        _ = await search.inspect([])
        for texts in [
            ["a", "b \(Self.token) c"], ["x first-value-of-broker"], ["plain"], [],
            [Self.begin, "MIIEvQIBADANBgkq", Self.end],
        ] {
            let bytes = texts.reduce(0) { $0 + $1.utf8.count }
            let atOnce = try #require(search.inspectAtOnce(texts, bytes: bytes))
            #expect(await search.inspect(texts) == atOnce, "\(texts.count)")
        }
        #expect(search.inspectAtOnce(["a \(Self.token)"], bytes: 42) != .clean)
        let large = String(repeating: "a", count: ResultSearch.mostAtOnce)
        #expect(search.inspectAtOnce([large], bytes: large.utf8.count) == nil)
    }

    @Test func `values that are read again are searched for at once`() async throws {
        let current = Mutex((text: "first-value-of-broker", revision: UInt8(1)))
        let search = try Self.search(callers: 1) { (_) throws(ScanFailure) in
            current.withLock { Self.values([$0.text], $0.revision) }
        }
        _ = await search.inspect([])
        #expect(search.inspectAtOnce(["second-value-of-broker"], bytes: 22) == .clean)
        current.withLock { $0 = ("second-value-of-broker", 2) }
        search.refresh()
        while search.inspectAtOnce(["second-value-of-broker"], bytes: 22) == .clean {
            await Task.yield()
        }
        let found = try #require(search.inspectAtOnce(["second-value-of-broker"], bytes: 22))
        #expect(Self.found(found).first?.secretClass == .brokered)
    }

    @Test func `the generation grows with other values, and with them alone`() async throws {
        let current = Mutex((text: "first-value-of-broker", revision: UInt8(1)))
        let search = try Self.search { (known) throws(ScanFailure) in
            current.withLock { current in
                known == [current.revision]
                    ? nil : Self.values([current.text], current.revision)
            }
        }
        let start = search.generation
        _ = await search.inspect(["a"])
        let first = search.generation
        #expect(first > start)
        _ = await search.inspect(["a"])
        #expect(search.generation == first)
        current.withLock { $0 = ("second-value-of-broker", 2) }
        _ = await search.inspect(["a"])
        #expect(search.generation > first)
    }

    /// Scanners that share compiled rules have scratch of their own.
    @Test func `many threads search at once`() async throws {
        let search = try Self.search(callers: 4, longestAge: .seconds(3600))
        _ = await search.inspect([])
        let text = "a \(Self.token)"
        let answers = await withTaskGroup(of: Bool?.self) { group -> [Bool] in
            for _ in 0..<64 {
                group.addTask {
                    let inspection = search.inspectAtOnce([text], bytes: text.utf8.count)
                    return inspection.map { Self.found($0).count == 1 }
                }
            }
            var answers: [Bool] = []
            for await isFound in group { if let isFound { answers.append(isFound) } }
            return answers
        }
        // All scanners may be in use, but not for every task.
        #expect(!answers.isEmpty && answers.allSatisfy { $0 })
    }

    /// Near matches of long patterns would keep a loop for a second.
    @Test func `a small text that needs much work is left to the thread`() async throws {
        let search = try Self.search(callers: 1)
        _ = await search.inspect([])
        let part = String(repeating: "eyJ-", count: 75) + "."
        let text = String(repeating: part, count: 200)
        #expect(text.utf8.count < ResultSearch.mostAtOnce)
        #expect(search.inspectAtOnce([text], bytes: text.utf8.count) == nil)
        // The scanner is usable afterwards.
        #expect(search.inspectAtOnce(["plain"], bytes: 5) == .clean)
    }

    @Test func `values that are too old are not used at once`() async throws {
        let search = try Self.search(callers: 1, longestAge: .zero)
        #expect(await search.inspect(["plain"]) == .clean)
        #expect(search.inspectAtOnce(["plain"], bytes: 5) == nil)
    }

    /// A thread that is in a search.
    private final class BusyThread: TaskExecutor {
        func enqueue(_ job: consuming ExecutorJob) {}
    }

    @Test func `values are read while the thread searches`() async throws {
        let search = try Self.search(callers: 1, on: BusyThread())
        search.refresh()
        while search.inspectAtOnce(["plain"], bytes: 5) == nil { await Task.yield() }
        #expect(search.inspectAtOnce(["plain"], bytes: 5) == .clean)
    }

    @Test func `a cancelled search does not begin`() async throws {
        let search = try Self.search()
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return await search.inspect(["plain"])
        }
        task.cancel()
        #expect(await task.value == .failed(.late))
    }

    @Test func `a search that is cancelled ends before the rest of its text`() async throws {
        let running = Mutex<Task<ResultInspection, Never>?>(nil)
        let search = try Self.search { (_) throws(ScanFailure) in
            // The search has begun.
            let task = running.withLock { $0 }
            task?.cancel()
            return Self.values([])
        }
        let text = String(repeating: "a", count: 2 << 20)
        let task = Task {
            while running.withLock({ $0 == nil }) { await Task.yield() }
            return await search.inspect([text])
        }
        running.withLock { $0 = task }
        #expect(await task.value == .failed(.late))
    }
}

extension ResultSearch {
    /// Inspects texts of one agent.
    fileprivate func inspect(_ texts: [String]) async -> ResultInspection {
        await inspect(texts, for: AgentName("clerk")!)
    }
}
