import Testing

/// The leaves of the example log (docs/specs/ledger.md, section 5.1), with their published sizes and leaf hashes. Lines
/// are joined without separators.
enum ExampleLeaves {
    struct Example: Sendable, CustomTestStringConvertible {
        let index: Int
        let size: Int
        let hash: String
        let text: String
        var testDescription: String { "leaf \(index)" }
    }

    static let all: [Example] = [
        Example(
            index: 2, size: 684,
            hash: "6880a940e54a7d3619ce1b27aa0c02469ee15499b4c1122b5f3d4e3fcadf2a4e",
            text: #"""
                {"agent":"refunds",\#
                "args":{"b":"N8b2v0ooiQkveGAvOPYxhaaEiFhpZhOEKzPQE5EuBmA=","c":"AURXcdPZyWPKst/Rl0\#
                4uDmPAiWaIGuFRmVeNKPnWhJo=","n":13},\#
                "boot":"9c1f04ab","call":"01kag0qf1a2b3c4d5e6f7g8h9j","cnt":1,\#
                "code":"policy.no_grant","dec":"deny",\#
                "in":{"b":"9btyWincfIahBVdoPnfPjqSFE+u2vOGdjD6Qkmq2yIE=","c":"kYwNCtnZypVojnjLc9dR\#
                Fh38vbu/mmU+1XFaQZqw53o=","n":145},\#
                "mono":86413500000,"node":"gw1",\#
                "pol":"4ttYsjvlf2pW9P1TBltKTEhLRQfmtynbDmQBmFQfcHM=",\#
                "prev":"s+xxAI6KUpK06HSa2dokjUJjdak24/NtoRcGcW0n23M=","risk":"destructive",\#
                "rs":1,"rule":"no-grant","run":"01kag0q9v4x2m7c8d3e5f6g7h8",\#
                "subj":"QLXTbNQ1YTnI03wFjLK7rw==","t":"call.denied",\#
                "tool":"crm__delete_customer","ts":1795169731500000,"v":1}
                """#),
        Example(
            index: 3, size: 738,
            hash: "3fa2caf6b190f41045cf7807eb363cb9ca75d742cb98e400bf01b1632c9092ab",
            text: #"""
                {"agent":"refunds",\#
                "args":{"b":"DmurR/6mWTfh+wOxOCJmbPejVnpSAhDp/z02xZl5Rh0=","c":"agWOKYldNCUOPA9lat\#
                KKxm9bW51HeDbmwQELdNZAW6Y=","n":60},\#
                "boot":"9c1f04ab","call":"01kag0qwz3b5d7f9h1k3m5p7r9",\#
                "dec":"approve","dl":"D2",\#
                "in":{"b":"70WLixgDV8t9H3kDreZhTebQlkQIWZje8Pz0pg10RPs=","c":"ninvgwm/ulMW4mG4eVjx\#
                14qpuMzPS12zX+vv1ez/JbY=","n":213},\#
                "mono":86415000000,"need":1,"node":"gw1",\#
                "pol":"4ttYsjvlf2pW9P1TBltKTEhLRQfmtynbDmQBmFQfcHM=",\#
                "prev":"aICpQOVKfTYZzhsnqgwCRp7hVJm0wRIrXz1OP8rfKk4=","risk":"write","rs":2,\#
                "rule":"controls.spends_money","run":"01kag0q9v4x2m7c8d3e5f6g7h8",\#
                "subj":"QLXTbNQ1YTnI03wFjLK7rw==","t":"call.intent",\#
                "tool":"billing__refund_request","toolv":"4FUjTbnOuwyilv2JK23q0OsqYulagjHtdydLxScb\#
                mKI=","ts":1795169733000000,"v":1}
                """#),
        Example(
            index: 5, size: 568,
            hash: "401e729c51e53634e7e31f98b0c2164936e3c79c36f3bfacf24c81d008718c08",
            text: #"""
                {"agent":"refunds","appr":"01kag0qx0e2g4j6m8p0r2t4v6x","bindc":"KpXxt5IGe5cPF99OoH\#
                9nPpa1Z7reJg/1g3kJpJ6ZDMs=",\#
                "boot":"9c1f04ab","by":"qAtvNSliVAlAcLHGLhmnpA==",\#
                "call":"01kag0qwz3b5d7f9h1k3m5p7r9","i":1,"mono":86476000000,"need":1,\#
                "node":"gw1","prev":"/0DC46OgLngKDesZewgc4gKVXUv4kP6VUd6qjC9QXYE=",\#
                "proof":{"b":"ZwQh3Okwk3oUc5sq7FP8yZYmvEEJ38boXT3J3witmM8=","c":"B+ld5tIBhYD6MRXpT\#
                Hd4GIm3g4EXhxXcWXD2nmmTyK0=","n":11},\#
                "rs":4,"run":"01kag0q9v4x2m7c8d3e5f6g7h8","subj":"QLXTbNQ1YTnI03wFjLK7rw==",\#
                "t":"approval.granted","ts":1795169794000000,"v":1,"via":"console-webauthn"}
                """#),
        Example(
            index: 7, size: 489,
            hash: "86c7b37bdf3c52392f04035d8d3600035b290e4a1956653d1884cc8b7f2d7fc2",
            text: #"""
                {"agent":"refunds","boot":"9c1f04ab","call":"01kag0qwz3b5d7f9h1k3m5p7r9",\#
                "code":"0","dur":287000,\#
                "intent":"P6LK9rGQ9BBFz3gH6zY8ucp110LLmOQAvwGxYyyQkqs=","mono":86476310000,\#
                "node":"gw1","prev":"aRaJYcsnJ4+kXj/n7yFkIJOrvhKCpEjsLZXOtqC17ps=",\#
                "res":{"b":"nqDxowkM1/q3RlBowohH2zBnmJzgaHc++rMnKzUaBrA=","c":"Pt/RX2Dj4l84CFaNSTL\#
                zxdBiuf0drVpgbOMLqhRK8aw=","n":59},\#
                "rs":6,"run":"01kag0q9v4x2m7c8d3e5f6g7h8","st":"ok",\#
                "subj":"QLXTbNQ1YTnI03wFjLK7rw==",\#
                "t":"call.outcome","ts":1795169794310000,"v":1}
                """#),
        Example(
            index: 8, size: 492,
            hash: "4cb1f8f8e91cbdf796eb453b7d1d76ff143b2a5df254243b8da415d28f5eea3c",
            text: #"""
                {"agent":"refunds","boot":"9c1f04ab","by":"qAtvNSliVAlAcLHGLhmnpA==",\#
                "code":"operator","kep":41,"mono":86502000000,"node":"gw1",\#
                "prev":"hseze988UjkvBANdjTYAA1spDkoZVmU9GITMi38tf8I=","rs":7,\#
                "run":"01kag0q9v4x2m7c8d3e5f6g7h8","scope":"run","src":"console",\#
                "subj":"QLXTbNQ1YTnI03wFjLK7rw==",\#
                "t":"kill.requested","target":"01kag0q9v4x2m7c8d3e5f6g7h8","ts":1795169820000000,"\#
                v":1,\#
                "why":{"b":"gW6vjRY3Y2DeO9kBkb0HFms50MKSfwBAxo0VG2+taS4=","c":"O/ZYdgaiO1nXThURNzd\#
                Ncq2EC4T5WqX/s1kbVF96doc=","n":28}}
                """#),
    ]
}
