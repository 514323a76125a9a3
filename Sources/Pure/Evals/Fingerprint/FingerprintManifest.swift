package import InterlockJSON
import InterlockModel
package import InterlockPolicy

/// The list of what shapes an agent besides its policy and tools: `fingerprint.yaml` of a suite, or `--fingerprint FILE`.
///
/// ```yaml
/// interlock_fingerprint: 1
/// prompt: [CLAUDE.md, prompts/refunds.md]
/// skills: [{name: summarise, path: skills/summarise}]
/// models: [{provider: anthropic, id: claude-sonnet-4-5-20250929, parameters: {temperature: 0}}]
/// ```
/// Paths are below the folder that has `suites`, and those of `--fingerprint FILE` below the folder of that file.
package struct FingerprintManifest: Sendable {
    package struct Skill: Sendable, Hashable {
        package let name: String
        package let path: String
    }

    package struct Model: Sendable, Hashable {
        package let provider: String
        package let id: String
        package let parameters: JSONValue
    }

    /// The instruction files, in the order in which the agent reads them.
    package let prompt: [String]
    package let skills: [Skill]
    package let models: [Model]

    /// The maximum size of the file in bytes.
    package static let largest = 256 << 10

    private static let schema = Record("a fingerprint") {
        Field("interlock_fingerprint", .scalar(.integer(1...1)), "The version.", required: true)
        Field("prompt", .list(.scalar(.text)), "The instruction files, in their order.")
        Field("skills", .list(.record(skill)), "The folders of skills.")
        Field("models", .list(.record(model)), "The models, with fallbacks.")
    }

    private static let skill = Record("a skill") {
        Field("name", .scalar(.text), "The name.", required: true)
        Field("path", .scalar(.text), "The folder.", required: true)
    }

    private static let model = Record("a model") {
        Field("provider", .scalar(.text), "Who serves it.", required: true)
        Field("id", .scalar(.text), "The exact id.", required: true)
        Field("parameters", .json, "What changes its answers.")
    }

    /// - Returns: the manifest, or nil with the findings that say what is wrong.
    package static func read(
        _ file: ParsedEvalFile
    ) -> (manifest: FingerprintManifest?, findings: [Finding]) {
        guard let root = file.root else { return (nil, file.findings) }
        var typing = Typing(file: file.path)
        let value = typing.type(root, as: .record(schema), path: "", label: "fingerprint")
        let findings = typing.findings.all
        guard let value, findings.isEmpty else { return (nil, findings) }
        let manifest = FingerprintManifest(
            prompt: (value["prompt"]?.items ?? []).compactMap(\.text),
            skills: (value["skills"]?.items ?? []).compactMap { item in
                guard let name = item["name"]?.text, let path = item["path"]?.text else {
                    return nil
                }
                return Skill(name: name, path: path)
            },
            models: (value["models"]?.items ?? []).compactMap { item in
                guard let provider = item["provider"]?.text, let id = item["id"]?.text else {
                    return nil
                }
                return Model(
                    provider: provider, id: id, parameters: item["parameters"]?.json ?? [:])
            })
        let problems = manifest.problems.map {
            Finding(.wrongShape, at: value.place, path: "", $0)
        }
        return problems.isEmpty ? (manifest, []) : (nil, problems)
    }

    private var problems: [String] {
        var problems: [String] = []
        for path in prompt + skills.map(\.path) where !Self.isBelow(path) {
            problems.append("`\(path)` is not a path below the folder of the project")
        }
        if Set(prompt.map { ExactText($0) }).count < prompt.count {
            problems.append("prompt: a file is listed twice")
        }
        if Set(skills.map { ExactText($0.name) }).count < skills.count {
            problems.append("skills: a name is listed twice")
        }
        return problems
    }

    private static func isBelow(_ path: String) -> Bool {
        !path.utf8.contains(0)
            && path.split(separator: "/", omittingEmptySubsequences: false)
                .allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
    }
}
