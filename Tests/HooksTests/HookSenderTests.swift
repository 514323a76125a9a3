import InterlockHooks
import InterlockJSON
import Testing

@Suite struct HookSenderTests {
    @Test func `each host and a worker have a name of their own, and no other name is one`() {
        for host in HookHost.allCases {
            #expect(HookSender(name: host.rawValue) == .host(host))
            #expect(HookSender.host(host).name == host.rawValue)
        }
        #expect(HookSender(name: "worker") == .worker && HookSender.worker.name == "worker")
        for name in ["", "Worker", "worker ", "workers", "claude", "claude-code\0"] {
            #expect(HookSender(name: name) == nil)
        }
    }

    private static func event(_ kind: HookEventKind, _ details: JSONObject = [:]) -> HookEvent {
        var event = HookEvent(
            sender: .worker, kind: kind, hostName: "agent.tool_use", session: "sesn_1")
        event.call = "c1"
        event.tool = HookTool(hostName: "bash", name: .shell, arguments: ["command": "ls"])
        event.details = details
        return event
    }

    @Test func `an event of a worker is read as it was written`() throws {
        let event = Self.event(.preTool)
        let text =
            #"{"v":1,"host":"worker","event":"pre_tool","host_event":"agent.tool_use","#
            + #""session":"sesn_1","call":"c1","#
            + #""tool":{"host_name":"bash","name":"host.shell","args":{"command":"ls"}}}"#
        #expect(try HookEvent(wire: Array(text.utf8)) == event)
        #expect(try HookEvent(wire: event.wire) == event)
        #expect(event.host == nil && !event.canAskUser)
        for name in ["Worker", "robot", ""] {
            let other = text.replacing(#""host":"worker""#, with: "\"host\":\"\(name)\"")
            #expect(throws: HookWireError.self) { try HookEvent(wire: Array(other.utf8)) }
        }
    }

    @Test func `a worker takes a text in the place of its result, also of a tool that failed`() {
        for kind in [HookEventKind.postTool, .postToolFailure] {
            let event = Self.event(kind, ["result": "a secret"])
            #expect(event.result == "a secret" && event.reported == "a secret")
            #expect(event.redaction == .replace)
            #expect(event.withheldResult("gone") == "gone")
            let other = Self.event(kind, ["result": ["text": "a secret"]])
            #expect(other.redaction == .impossible && other.withheldResult("gone") == nil)
            // Everything that it says is searched if there is no result, and nothing can be replaced.
            let bare = Self.event(kind, ["more": "a secret"])
            #expect(bare.result == nil && bare.reported == ["more": "a secret"])
            #expect(bare.redaction == .impossible)
        }
        #expect(Self.event(.preTool, ["result": "a"]).result == nil)
    }

    @Test func `a sender waits for people no longer than for its answer`() {
        for sender in HookHost.allCases.map(HookSender.host) + [.worker] {
            #expect(sender.wait ?? .zero < sender.deadline)
        }
        #expect(HookSender.worker.wait == .seconds(20))
    }
}
