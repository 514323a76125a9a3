package import InterlockJSON
package import InterlockMCP
import InterlockModel
import InterlockPolicy

/// The prompts that one server lists, compared with the reviewed ones.
struct PromptPins {
    /// A prompt that is unknown or differs, seen for the first time.
    struct Drift {
        let prompt: ToolName
        let pin: Digest?
        let live: Digest
    }

    private(set) var offered: [ExactText: PinnedPrompt] = [:]
    private(set) var hidden: [HiddenTool] = []
    /// The founding pins.
    private var first: [ExactText: PinnedPrompt] = [:]
    /// The prompts recorded as different, and not seen in the reviewed form since.
    private var drifted: Set<ExactText> = []

    /// The most names that are remembered, against servers that keep inventing names.
    private static let mostEverSeen = 4000

    /// - Parameters:
    ///   - entry: the server's entry in the lock; nil if the lock does not list it, or there is no lock (*founding*).
    ///   - isOffered: false if nothing of the server may be offered.
    /// - Returns: the differences to record.
    mutating func compare(
        _ listed: [JSONValue], with entry: LockedServer?, founding: Bool, isOffered: Bool,
        hashing: any Hashing
    ) -> [Drift] {
        offered = [:]
        hidden = []
        guard isOffered else { return [] }
        var drifts: [Drift] = []
        let sighting = PromptSighting(listed)
        hidden += sighting.refused
        for definition in sighting.definitions {
            let live = definition.sightedDigest(hashing: hashing)
            let pin = pin(of: definition.name, entry, founding: founding)
            if founding, pin == nil, first.count < Self.mostEverSeen {
                first[definition.name] = PinnedPrompt(definition: definition, digest: live)
            }
            guard pin == live || (founding && pin == nil && first[definition.name] != nil) else {
                hidden.append(
                    HiddenTool(
                        name: "prompt:" + definition.name,
                        reason: pin == nil ? "it is not in the lock" : "its definition changed"))
                if let drift = drift(of: definition, from: pin, to: live) { drifts.append(drift) }
                continue
            }
            drifted.remove(definition.name)
            // The digests are equal, so the live definition is the reviewed one.
            offered[definition.name] = PinnedPrompt(definition: definition, digest: live)
        }
        return drifts
    }

    /// Returns the pin of the reviewed form or, while founding, of the first one that was seen.
    func pin(of prompt: String, _ entry: LockedServer?, founding: Bool) -> Digest? {
        founding ? first[prompt]?.digest : entry?.prompts[prompt]?.pin
    }

    /// Hides a prompt that was offered before.
    mutating func withhold(_ prompt: String, because reason: String) {
        offered[prompt] = nil
        hidden.append(HiddenTool(name: "prompt:" + prompt, reason: reason))
    }

    /// Hides all prompts that were offered before.
    mutating func withholdAll(because reason: String) {
        for prompt in offered.keys.sorted() { withhold(prompt.text, because: reason) }
    }

    private mutating func drift(
        of definition: PromptDefinition, from pin: Digest?, to live: Digest
    ) -> Drift? {
        guard drifted.count < Self.mostEverSeen, drifted.insert(definition.name).inserted,
            let name = ToolName(.prompt, definition.name)
        else { return nil }
        return Drift(prompt: name, pin: pin, live: live)
    }
}

/// The prompts that a live server lists, divided into those that can be compared with a pin and those that are never
/// offered.
package struct PromptSighting: Sendable {
    /// The valid definitions; each name once.
    package let definitions: [PromptDefinition]
    package let refused: [HiddenTool]

    private static let shownName = 128

    package init(_ prompts: [JSONValue]) {
        var sound: [PromptDefinition] = []
        var refused: [HiddenTool] = []
        var counts: [ExactText: Int] = [:]
        for (place, value) in prompts.enumerated() {
            let name = value["name"]?.string
            if let name { counts[name, default: 0] += 1 }
            do throws(ToolDefinitionError) { sound.append(try PromptDefinition(value)) } catch {
                let shown = name.map { String($0.prefix(Self.shownName)) }
                refused.append(
                    HiddenTool(
                        name: "prompt:" + (shown ?? "definition \(place + 1)"), reason: "\(error)"))
            }
        }
        // The server could answer with any of several definitions, so none is offered.
        var definitions: [PromptDefinition] = []
        for definition in sound {
            if counts[definition.name] == 1 {
                definitions.append(definition)
            } else {
                refused.append(
                    HiddenTool(
                        name: "prompt:" + definition.name, reason: "it is defined more than once"))
            }
        }
        self.definitions = definitions
        self.refused = refused
    }
}

extension PromptDefinition {
    /// The counterpart of `ToolDefinition.sightedDigest`.
    func sightedDigest(hashing: any Hashing) -> Digest {
        (try? pinDigest(hashing: hashing)) ?? hashing.sha256(JSONValue.object(raw).serialized())
    }
}
