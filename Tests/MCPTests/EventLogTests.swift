import InterlockMCP
import InterlockModel
import InterlockTesting
import Testing

/// The retained events of a session's streams, for a client that reconnects.
@Suite struct `Event log` {
    private static func at(_ seconds: Int64) -> BootTime {
        BootTime(microseconds: seconds * 1_000_000)
    }

    private static func data(_ count: Int, _ byte: UInt8 = 7) -> [UInt8] {
        [UInt8](repeating: byte, count: count)
    }

    /// The numbers of the events after `number`; nil if the stream cannot be resumed there.
    private static func after(_ log: EventLog, _ stream: Int, _ number: Int) -> [Int]? {
        var log = log
        let id = EventID(stream: stream, number: number)
        guard case .events(let events, _) = log.goOn(after: id, for: nil) else { return nil }
        return events.map(\.id.number)
    }

    @Test func `a stream goes on for a credential for as much, and is that one's then`() throws {
        var log = EventLog()
        let (narrow, wide) = (try #require(ScopeSet("a:x")), try #require(ScopeSet("a:y a:x")))
        let stream = log.open(for: narrow)
        let told = log.append([1], to: stream, isNeeded: true, now: Self.at(0))
        let id = try #require(told)
        func goesOn(_ scopes: ScopeSet?) -> Bool {
            if case .events = log.goOn(after: id, for: scopes) { true } else { false }
        }
        #expect(!goesOn(.empty) && !goesOn(ScopeSet("a:y")))
        #expect(goesOn(narrow) && goesOn(wide))
        #expect(!goesOn(narrow), "it has been told to the wider one")
        #expect(goesOn(nil))
        #expect(!goesOn(wide))
    }

    @Test func `an id says which stream and which event, in one spelling`() {
        for (stream, number) in [(0, 0), (1, 17), (999_999_999, 4_000_000)] {
            let id = EventID(stream: stream, number: number)
            #expect(EventID(id.description) == id)
        }
        for text in [
            "", ".", "1", "1.", ".1", "1.2.3", "01.2", "1.02", "+1.2", "1.-2", "-1.2", " 1.2",
            "1.2 ", "1,2", "a.b", "1.99999999999999999999", "١.٢",
            String(repeating: "1", count: 30) + ".1",
        ] {
            #expect(EventID(text) == nil, "\(text)")
        }
    }

    @Test func `what came after an event is told, in order, and whether more comes`() throws {
        var log = EventLog()
        let (one, two) = (log.open(for: nil), log.open(for: nil))
        let marked = log.mark(one)
        let start = try #require(marked)
        for number in 0..<3 {
            _ = log.append(Self.data(number), to: one, isNeeded: false, now: Self.at(0))
            _ = log.append(Self.data(9), to: two, isNeeded: true, now: Self.at(0))
        }
        #expect(Self.after(log, one, start.number) == [2, 3, 4])
        #expect(Self.after(log, one, 3) == [4])
        #expect(Self.after(log, one, 4) == [])
        #expect(Self.after(log, two, 0) == [1, 2, 3])
        guard case .events(let events, let isOver) = log.goOn(after: start, for: nil) else {
            Issue.record("no replay")
            return
        }
        #expect(events.map(\.data.count) == [0, 1, 2])
        #expect(!isOver)
        log.end(one, now: Self.at(1))
        let late = log.append([1], to: one, isNeeded: false, now: Self.at(1))
        #expect(late == nil, "what comes after the answer is told nobody")
        guard case .events(_, true) = log.goOn(after: start, for: nil) else {
            Issue.record("it is over")
            return
        }
    }

    @Test func `what was never told is unknown`() {
        var log = EventLog()
        let stream = log.open(for: nil)
        _ = log.append([1], to: stream, isNeeded: true, now: Self.at(0))
        for id in [
            EventID(stream: stream, number: 2), EventID(stream: stream + 1, number: 0),
            EventID(stream: 0, number: 0),
        ] {
            guard case .unknown = log.goOn(after: id, for: nil) else {
                Issue.record("\(id)")
                continue
            }
        }
        log.forget(stream)
        guard case .unknown = log.goOn(after: EventID(stream: stream, number: 0), for: nil) else {
            Issue.record("a stream that is forgotten is unknown")
            return
        }
    }

    @Test func `notifications give way before an answer does`() {
        var log = EventLog()
        let stream = log.open(for: nil)
        _ = log.append(Self.data(600_000), to: stream, isNeeded: true, now: Self.at(0))
        for _ in 0..<4 {
            _ = log.append(Self.data(200_000), to: stream, isNeeded: false, now: Self.at(0))
        }
        #expect(Self.after(log, stream, 0) == [1, 4, 5])
        _ = log.append(Self.data(900_000), to: stream, isNeeded: true, now: Self.at(0))
        #expect(Self.after(log, stream, 0) == nil, "the first answer is gone")
        #expect(Self.after(log, stream, 1) == [6])
        _ = log.append(Self.data(EventLog.streamBytes), to: stream, isNeeded: true, now: Self.at(0))
        #expect(Self.after(log, stream, 6) == nil, "it was never kept")
        #expect(Self.after(log, stream, 7) == [])
    }

    @Test func `a stream keeps 1 MiB, the newest of it, for five minutes`() throws {
        var log = EventLog()
        let stream = log.open(for: nil)
        for _ in 0..<4096 {
            _ = log.append(Self.data(1024), to: stream, isNeeded: false, now: Self.at(0))
            #expect(log.bytes <= 1 << 20)
        }
        let kept = try #require(Self.after(log, stream, 0))
        #expect((900...1024).contains(kept.count))
        #expect(kept == Array(4097 - kept.count...4096))
        log.expire(now: Self.at(299))
        #expect(Self.after(log, stream, 0) == kept)
        log.expire(now: Self.at(301))
        #expect(Self.after(log, stream, 0) == [])
        #expect(log.bytes == 0)
    }

    @Test func `after five minutes nothing is kept`() {
        var log = EventLog()
        let stream = log.open(for: nil)
        _ = log.append([1], to: stream, isNeeded: false, now: Self.at(0))
        _ = log.append([2], to: stream, isNeeded: true, now: Self.at(10))
        log.expire(now: Self.at(301))
        #expect(Self.after(log, stream, 0) == [2])
        log.expire(now: Self.at(311))
        #expect(Self.after(log, stream, 0) == nil)
        #expect(Self.after(log, stream, 2) == [])
        log.end(stream, now: Self.at(311))
        log.expire(now: Self.at(612))
        #expect(Self.after(log, stream, 2) == nil)
    }

    @Test func `streams that have ended give way first, and their number is bounded`() {
        var log = EventLog()
        let old = (0..<100).map { _ in
            let stream = log.open(for: nil)
            _ = log.append([1], to: stream, isNeeded: true, now: Self.at(0))
            log.end(stream, now: Self.at(0))
            return stream
        }
        #expect(Self.after(log, old[35], 0) == nil)
        #expect(Self.after(log, old[36], 0) == [1])
        let open = log.open(for: nil)
        _ = log.append(Self.data(1_000_000), to: open, isNeeded: true, now: Self.at(0))
        for _ in 0..<4 {
            let stream = log.open(for: nil)
            _ = log.append(Self.data(1_000_000), to: stream, isNeeded: true, now: Self.at(0))
            log.end(stream, now: Self.at(0))
        }
        #expect(Self.after(log, open, 0) == [1])
        #expect(log.bytes <= EventLog.sessionBytes)
    }

    @Test func `whatever happens, the bounds hold and nothing that is needed is left out unsaid`() {
        var random = SeededGenerator.announced()
        for _ in 0..<50 {
            var log = EventLog()
            var now: Int64 = 0
            var streams: [Int] = []
            var needed: [Int: [Int]] = [:]
            for _ in 0..<200 {
                switch Int.random(in: 0..<20, using: &random) {
                case 0: streams.append(log.open(for: nil))
                case 1: streams.randomElement(using: &random).map { log.end($0, now: Self.at(now)) }
                case 2:
                    now += Int64.random(in: 0..<200, using: &random)
                    log.expire(now: Self.at(now))
                default:
                    guard let stream = streams.randomElement(using: &random) else { continue }
                    let isNeeded = Bool.random(using: &random)
                    let id = log.append(
                        Self.data(Int.random(in: 0..<300_000, using: &random)), to: stream,
                        isNeeded: isNeeded, now: Self.at(now))
                    if isNeeded, let id { needed[stream, default: []].append(id.number) }
                }
                #expect(log.bytes <= EventLog.sessionBytes)
                guard let stream = streams.randomElement(using: &random) else { continue }
                let from = Int.random(in: 0..<20, using: &random)
                guard let told = Self.after(log, stream, from) else { continue }
                #expect(told == told.sorted())
                #expect(Set(told).isSuperset(of: (needed[stream] ?? []).filter { $0 > from }))
            }
        }
    }
}
