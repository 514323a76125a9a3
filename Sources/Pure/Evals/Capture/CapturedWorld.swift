import InterlockJSON
import InterlockModel

/// The fixture that answers the calls of a captured run as its servers did, in the order in which they did.
struct CapturedWorld {
    let text: String
    /// The tools whose answer is an error for want of a recorded result.
    let unanswered: [ToolAddress]

    /// The calls of one tool with the same arguments.
    private struct Group {
        let arguments: JSONObject?
        var answers: [String]
        /// False if a state has to count the calls, since their answers differ.
        var isAlike: Bool { Set(answers).count == 1 }
    }

    init(_ calls: [CapturedStep]) {
        var groups: [ToolAddress: [Group]] = [:]
        var unanswered: Set<ToolAddress> = []
        for step in calls {
            let answer = Self.answer(step.result)
            if answer == nil { unanswered.insert(step.call) }
            let text = answer ?? "{error: \"no result of this call is on record\"}"
            var tool = groups[step.call, default: []]
            if let at = tool.firstIndex(where: { $0.arguments == step.arguments }) {
                tool[at].answers.append(text)
            } else {
                tool.append(Group(arguments: step.arguments, answers: [text]))
            }
            groups[step.call] = tool
        }
        self.unanswered = unanswered.sorted()
        text = Self.lines(groups).joined(separator: "\n") + "\n"
    }

    private static func lines(_ groups: [ToolAddress: [Group]]) -> [String] {
        var lines = ["interlock_eval: 1", "servers:"]
        for server in Set(groups.keys.map(\.server)).sorted() {
            var tools: [String] = []
            var counters = 0
            for address in groups.keys.sorted() where address.server == server {
                tools.append("      \(FlowText.quoted(address.tool.text)):")
                // The first answer that fits counts, and one with fewer arguments fits more calls.
                let ordered = (groups[address] ?? []).enumerated().sorted { a, b in
                    let (left, right) = (count(a.element), count(b.element))
                    return left == right ? a.offset < b.offset : left > right
                }
                for (_, group) in ordered {
                    tools += answers(group, counter: counters).map { "        - \($0)" }
                    if !group.isAlike { counters += 1 }
                }
            }
            lines.append("  \(FlowText.quoted(server.text)):")
            if counters > 0 {
                let names = (0..<counters).map { "c\($0): 0" }.joined(separator: ", ")
                lines.append("    state: {\(names)}")
            }
            lines.append("    tools:")
            lines += tools
        }
        return lines
    }

    private static func count(_ group: Group) -> Int { group.arguments?.members.count ?? 0 }

    /// - Parameter counter: the number of the counter that tells apart answers to the same call.
    private static func answers(_ group: Group, counter: Int) -> [String] {
        var match = ""
        if let arguments = group.arguments, !arguments.members.isEmpty {
            var pointers = JSONObject()
            for member in arguments.members {
                pointers["/" + JSONPointer.escaped(member.key)] = member.value
            }
            match = "match: \(FlowText.text(.object(pointers))), "
        }
        guard !group.isAlike else {
            return ["{\(match)answer: \(group.answers[0])}"]
        }
        let last = group.answers.count - 1
        return group.answers.enumerated().map { number, answer in
            // The last answer stays: an agent may ask once more than the recorded one.
            guard number < last else { return "{\(match)answer: \(answer)}" }
            let pointer = "\"/c\(counter)\""
            let patch = "[{op: replace, path: \(pointer), value: \(number + 1)}]"
            return
                "{\(match)state: {\(pointer): \(number)}, answer: \(answer), patch: \(patch)}"
        }
    }

    /// The answer of a fixture that is the result; nil without one.
    private static func answer(_ result: JSONObject?) -> String? {
        guard let result else { return nil }
        let blocks = result["content"]?.array ?? []
        if result["isError"]?.bool == true {
            let texts = blocks.compactMap { $0["text"]?.string }
            let text = texts.isEmpty ? "error" : texts.joined(separator: "\n")
            return "{error: \(FlowText.quoted(text))}"
        }
        if let structured = result["structuredContent"], structured.object != nil {
            return "{structured: \(FlowText.text(structured))}"
        }
        guard !blocks.isEmpty, blocks.allSatisfy({ $0["type"]?.string?.isEmpty == false }) else {
            return nil
        }
        return "{content: \(FlowText.text(.array(blocks)))}"
    }
}
