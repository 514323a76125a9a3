package import InterlockJSON
import InterlockModel
import InterlockSafety

extension LocalServices {
    /// Returns the canaries in force, without their values.
    package func canaryList(_: LocalCall) -> JSONValue {
        [
            "canaries": .array(
                canaries.all.map { planted in
                    [
                        "name": .string(planted.entry.name.description),
                        "form": .string(planted.entry.form.rawValue),
                        "since": .string(planted.since.rfc3339(fractionDigits: 0)),
                        "digest": .string(planted.entry.sum.base64),
                    ]
                })
        ]
    }

    /// Makes a canary and returns its value, once. The body is `{name, form?}`.
    package func addCanary(_ call: LocalCall) async throws(Problem) -> JSONValue {
        let (name, form) = try requestedCanary(call.body)
        do throws(PlantedValueRefusal) {
            let planted = try await canaries.add(name, form, by: call.by)
            return [
                "name": .string(name.description), "form": .string(form.rawValue),
                "value": .string(String(decoding: planted.bytes, as: UTF8.self)),
            ]
        } catch { throw Problem(error) }
    }

    package func removeCanary(_ call: LocalCall) async throws(Problem) -> JSONValue {
        guard let name = PlantedValueName(call["canary"]) else {
            throw Problem(.noSuchName, "unknown canary `\(call["canary"])`")
        }
        do throws(PlantedValueRefusal) { try await canaries.remove(name, by: call.by) } catch {
            throw Problem(error)
        }
        return ["name": .string(name.description), "state": "removed"]
    }

    private func requestedCanary(
        _ body: JSONValue
    ) throws(Problem) -> (name: PlantedValueName, form: PlantedValueForm) {
        do throws(FormError) {
            let fields = try StrictFields(body, required: ["name"], optional: ["form"])
            let name = try fields.made("name", "1 to 64 of a-z, 0-9 and -") { PlantedValueName($0) }
            guard fields.has("form") else { return (name, .token) }
            let forms = PlantedValueForm.allCases.map(\.rawValue).joined(separator: ", ")
            return (name, try fields.made("form", forms) { PlantedValueForm(rawValue: $0) })
        } catch { throw Problem(error) }
    }
}
