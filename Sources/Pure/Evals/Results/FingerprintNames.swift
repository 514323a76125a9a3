package import InterlockJSON
import InterlockModel

/// The exact ids of the models, and the paths of the instruction files, that a result states in addition to the digests of
/// their lists. What a host says of a run is compared with them (docs/specs/evals.md, section 5).
///
/// ```json
/// {"models": ["claude-sonnet-4-5-20250929"], "prompt": ["CLAUDE.md", "docs/rules.md"]}
/// ```
package struct FingerprintNames: Sendable, Hashable {
    package static let empty = FingerprintNames()

    private static let mostModels = 64
    private static let mostFiles = 256
    /// The maximum length of one name, and of all names together, in bytes.
    private static let longest = 512
    private static let largest = 32 << 10

    /// Sorted, each once.
    package let models: [ExactText]
    /// Sorted, each once; below the folder of the project.
    package let prompt: [ExactText]

    package init(models: [ExactText] = [], prompt: [ExactText] = []) {
        self.models = Set(models).sorted()
        self.prompt = Set(prompt).sorted()
    }

    package init(_ manifest: FingerprintManifest) {
        self.init(
            models: manifest.models.map { ExactText($0.id) },
            prompt: manifest.prompt.map { ExactText($0) })
    }

    package var isEmpty: Bool { models.isEmpty && prompt.isEmpty }

    /// Returns true if a result may state the names.
    package var isBounded: Bool {
        let all = models + prompt
        return models.count <= Self.mostModels && prompt.count <= Self.mostFiles
            && all.allSatisfy { (1...Self.longest).contains($0.text.utf8.count) }
            && all.reduce(0) { $0 + $1.text.utf8.count } <= Self.largest
    }

    package var json: JSONValue {
        [
            "models": .array(models.map { .string($0.text) }),
            "prompt": .array(prompt.map { .string($0.text) }),
        ]
    }

    init(json: JSONValue) throws(FormError) {
        let fields = try StrictFields(json, at: "names", required: ["models", "prompt"])
        let models = try Self.list(fields, "models", most: Self.mostModels)
        let prompt = try Self.list(fields, "prompt", most: Self.mostFiles)
        self.init(models: models, prompt: prompt)
        guard self.models == models, self.prompt == prompt, !isEmpty, isBounded else {
            throw fields.bad("models", "sorted like `prompt`, with 1 to 32768 bytes in both")
        }
    }

    private static func list(
        _ fields: StrictFields, _ key: String, most: Int
    ) throws(FormError) -> [ExactText] {
        try fields.list(key, count: 0...most, "a text of 1 to \(longest) bytes") {
            (1...longest).contains($0.utf8.count) ? ExactText($0) : nil
        }
    }
}
