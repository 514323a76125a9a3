import InterlockJSON
import InterlockMCP
import Testing

@Suite struct `Followed resources` {
    private func hearing(_ heard: FollowedResources.Hearing) -> String { "\(heard)" }

    @Test func `are told once however often they change, and nothing else is told`() {
        var followed = FollowedResources()
        #expect(hearing(followed.heard("notes://a")) == "stray")
        #expect(followed.want(["notes://a", "notes://b"]) == true)
        #expect(followed.want(["notes://b", "notes://a"]) == false)
        #expect(hearing(followed.heard("notes://b")) == "first")
        for _ in 0..<1000 { #expect(hearing(followed.heard("NOTES://%61")) == "again") }
        for stray in ["notes://c", "notes://a/below", "", "no uri", "notes://a/../b"] {
            #expect(hearing(followed.heard(stray)) == "stray", "\(stray)")
        }
        #expect(followed.take() == ["notes://a", "notes://b"])
        #expect(followed.take().isEmpty)
    }

    @Test func `that are followed no more are not told`() {
        var followed = FollowedResources()
        _ = followed.want(["notes://a", "notes://b"])
        _ = followed.heard("notes://a")
        _ = followed.heard("notes://b")
        #expect(followed.want(["notes://b"]) == true)
        #expect(followed.take() == ["notes://b"])
    }

    @Test func `what a server says of one is read from its notification alone`() {
        func uri(_ params: JSONObject) -> String? {
            let told = UpstreamNotification(
                method: "notifications/resources/updated", params: params)
            if case .resourceUpdated(let uri) = told { return uri }
            return nil
        }
        #expect(uri(["uri": "notes://a"]) == "notes://a")
        for bad: JSONObject in [[:], ["uri": 1], ["uri": ["notes://a"]], ["name": "notes://a"]] {
            #expect(uri(bad) == nil)
        }
    }
}
