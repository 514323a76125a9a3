import InterlockJSON
import InterlockLedger
import InterlockMCP
import InterlockModel
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// The context that an agent declares for a call: read from its `_meta`, bounded.
@Suite struct ContextTests {
    @Test func `a text is the user's, and whose words they are can be said`() throws {
        for (value, source, text): (JSONValue, CallContext.Source, String) in [
            ("Find it", .user, "Find it"),
            (["src": "hook", "text": "from a file"], .hook, "from a file"),
            (["src": "model", "text": ["b": 1, "a": 2]], .model, #"{"a":2,"b":1}"#),
            (["src": "boss", "text": "now"], .user, #"{"src":"boss","text":"now"}"#),
            (
                ["src": "hook", "text": "x", "more": 1], .user,
                #"{"more":1,"src":"hook","text":"x"}"#
            ),
            ([1, true], .user, "[1,true]"), (7, .user, "7"), (false, .user, "false"),
            ("", .user, ""),
        ] {
            let context = try #require(CallContext(value))
            #expect(context.source == source)
            #expect(context.bytes.map { String(decoding: $0, as: UTF8.self) } == text)
            #expect(context.sizeBytes == text.utf8.count)
        }
        #expect(CallContext(.null) == nil)
        #expect(CallContext(["src": "hook", "text": .null]) == nil)
    }

    @Test(arguments: [CallContext.largestBytes, CallContext.largestBytes + 1])
    func `of what is too large only the size is kept`(size: Int) throws {
        let context = try #require(CallContext(.string(String(repeating: "x", count: size))))
        #expect(context.sizeBytes == size)
        #expect((context.bytes == nil) == (size > CallContext.largestBytes))
    }

    @Test func `of one agent's refused calls twenty a second bring theirs into the log`() throws {
        let book = ContextBudget()
        let (clerk, other) = (try #require(AgentName("clerk")), try #require(AgentName("other")))
        func kept(_ agent: AgentName, at microseconds: Int64) -> Int {
            (0..<50).count { _ in book.admits(agent, at: BootTime(microseconds: microseconds)) }
        }
        #expect(kept(clerk, at: 1_000_000) == ContextBudget.refusedPerSecond)
        #expect(kept(clerk, at: 1_999_999) == 0)
        #expect(kept(other, at: 1_999_999) == ContextBudget.refusedPerSecond)
        #expect(kept(clerk, at: 2_000_000) == ContextBudget.refusedPerSecond)
    }
}
