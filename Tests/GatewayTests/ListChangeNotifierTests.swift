import InterlockMCP
import InterlockModel
import Synchronization
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// The comparison of the views of listeners.
@Suite struct `List watch` {
    private final class Listener: ChangeListener {
        let principal: Principal
        let credential = StreamCredential(nil, from: .anyone)
        let server: ServerName? = nil
        let lists = Set(ListKind.allCases)
        let told = Atomic<Int>(0)
        init(_ principal: Principal) { self.principal = principal }
        func changed(_ kind: ListKind) { told.add(1, ordering: .relaxed) }
        func end() {}
    }

    private static func principal(_ name: String) throws -> Principal {
        try NameAuthenticator().identify(bearer: name, now: Timestamp(microseconds: 0))
    }

    @Test func `a look that began before another one tells nothing that is older`() throws {
        let watch = ListChangeNotifier()
        let listener = Listener(try Self.principal("clerk"))
        #expect(watch.add(listener, [.tools: 1]))
        watch.look { _ in
            // The list changes during the comparison, and the change itself causes another one.
            watch.look { _ in 2 }
            return 1
        }
        #expect(listener.told.load(ordering: .relaxed) == 1, "once, not back and forth")
        watch.look { _ in 2 }
        #expect(listener.told.load(ordering: .relaxed) == 1)
        watch.look { _ in 3 }
        #expect(listener.told.load(ordering: .relaxed) == 2)
    }

    @Test func `only the one that has come is compared when it comes`() throws {
        let watch = ListChangeNotifier()
        let (one, two) = (
            Listener(try Self.principal("clerk")), Listener(try Self.principal("reader"))
        )
        #expect(watch.add(one, [.tools: 1]) && watch.add(two, [.tools: 1]))
        var asked: [String] = []
        watch.look(
            { view in
                asked.append("\(view.agent) \(view.kind)")
                return 1
            }, for: two)
        #expect(asked.sorted() == ["reader prompts", "reader resources", "reader tools"])
    }
}
