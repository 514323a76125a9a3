/// Tokens by which chat formats mark the speaker, and comment markers that a rendered page does not show.
enum ChatTemplates {
    /// The tokens in lower case, as `PlainText` folds them.
    private static let tokens = [
        "<|im_start|>", "<|im_end|>", "<|system|>", "<|user|>", "<|assistant|>", "<|endoftext|>",
        "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>", "[inst]", "[/inst]", "<<sys>>",
        "<</sys>>", "<system>", "</system>", "<important>", "</important>", "<instructions>",
        "</instructions>", "<secret>", "\n\nhuman:", "\n\nassistant:", "\n\nsystem:",
        "### instruction", "### system", "<start_of_turn>", "<end_of_turn>",
    ]
    private static let comments = ["<!--", "[//]: #", "[comment]: #"]

    static func findings(in plain: PlainText, at path: String) -> [DescriptionFinding] {
        // Most texts contain none of the characters that these tokens begin with.
        guard plain.scalars.contains(where: { $0 == "<" || $0 == "[" || $0 == "#" || $0 == "\n" })
        else { return [] }
        var findings: [DescriptionFinding] = []
        for (kind, needles) in [
            (DescriptionFinding.Kind.chatTemplate, tokens), (.comment, comments),
        ] {
            for needle in needles {
                for place in plain.places(of: needle) {
                    let end = min(plain.scalars.count, place + DescriptionFinding.longestExcerpt)
                    findings.append(
                        DescriptionFinding(
                            kind, at: path, plain.offsets[place],
                            kind == .comment ? plain.text(place..<end) : needle))
                }
            }
        }
        return findings
    }
}
