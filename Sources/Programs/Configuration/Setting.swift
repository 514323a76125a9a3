import InterlockModel
import InterlockPolicy

/// One section of `interlock.yaml`.
struct Section: Sendable {
    let name: String
    let about: String
    let settings: [Setting]
}

extension Section {
    init(_ name: String, _ about: String, _ settings: Setting...) {
        self.init(name: name, about: about, settings: settings)
    }
}

/// One key: its form, its meaning, and how its value is written and read.
struct Setting: Sendable {
    struct ValueError: Error { let expected: String }

    typealias Path<Value> = any WritableKeyPath<Configuration, Value> & Sendable

    let name: String
    let form: String
    let about: String
    /// Writes the value of a configuration as in the file.
    let text: @Sendable (Configuration) -> String
    private(set) var read: @Sendable (YAMLNode, inout Configuration) throws(ValueError) -> Void
}

extension Setting {
    init<Value>(
        _ name: String, _ path: Path<Value>, _ about: String, form: String,
        text: @escaping @Sendable (Value) -> String,
        read: @escaping @Sendable (YAMLNode) throws(ValueError) -> Value
    ) {
        self.init(
            name: name, form: form, about: about, text: { text($0[keyPath: path]) },
            read: { (node, configuration) throws(ValueError) in
                configuration[keyPath: path] = try read(node)
            })
    }

    /// - Parameter parse: returns nil for a text that is not one of the values.
    static func scalar<Value>(
        _ name: String, _ path: Path<Value>, _ about: String, form: String, expected: String,
        text: @escaping @Sendable (Value) -> String, parse: @escaping @Sendable (String) -> Value?
    ) -> Setting {
        Setting(name, path, about, form: form, text: text) { (node) throws(ValueError) in
            guard let value = node.scalarText.flatMap(parse) else {
                throw ValueError(expected: expected)
            }
            return value
        }
    }

    /// - Parameter add: reads one element and adds it to those before it.
    static func list<Element>(
        _ name: String, _ path: Path<[Element]>, _ about: String, form: String, expected: String,
        most: Int = .max, text: @escaping @Sendable (Element) -> String,
        add: @escaping @Sendable (YAMLNode, inout [Element]) throws(ValueError) -> Void
    ) -> Setting {
        Setting(
            name, path, about, form: form, text: { Notation.list($0.map(text)) },
            read: { (node) throws(ValueError) in
                var elements: [Element] = []
                for node in try node.elements(expected, most: most) { try add(node, &elements) }
                return elements
            })
    }

    /// A value for each of some tools.
    ///
    /// - Parameter add: reads one entry and adds it to those before it.
    static func tools<Value>(
        _ name: String, _ path: Path<[ToolAddress: Value]>, _ about: String, form: String,
        expected: String, most: Int = .max,
        text: @escaping @Sendable (ToolAddress, Value) -> String,
        add: @escaping @Sendable (YAMLEntry, inout [ToolAddress: Value]) throws(ValueError) -> Void
    ) -> Setting {
        Setting(
            name, path, about, form: form,
            text: { Notation.map($0.sorted { $0.key < $1.key }.map { text($0.key, $0.value) }) },
            read: { (node) throws(ValueError) in
                var values: [ToolAddress: Value] = [:]
                for entry in try node.entries(expected, most: most) { try add(entry, &values) }
                return values
            })
    }

    /// Several keys in one map, each optional and at most once: `{same_write: 5 in 60s, cycles: 4}`.
    static func group(_ name: String, _ about: String, _ settings: Setting...) -> Setting {
        let keys = settings.map { "`\($0.name)`" }.joined(separator: ", ")
        return Setting(
            name: name, form: "map with " + keys, about: about,
            text: { configuration in
                Notation.map(settings.map { "\($0.name): \($0.text(configuration))" })
            },
            read: { (node, configuration) throws(ValueError) in
                var seen: Set<String> = []
                for entry in try node.entries("a map with \(keys)") {
                    guard let setting = settings.first(where: { $0.name == entry.key }),
                        seen.insert(entry.key).inserted
                    else {
                        throw ValueError(
                            expected: "a map with \(keys), each once; `\(entry.key)` is too much")
                    }
                    do throws(ValueError) { try setting.read(entry.value, &configuration) } catch {
                        throw ValueError(expected: "`\(entry.key)` as \(error.expected)")
                    }
                }
            })
    }

    /// The same setting for something that cannot be turned off.
    ///
    /// - Parameter remark: the end of its errors, which says so.
    func held(_ remark: String) -> Setting {
        var setting = self
        setting.read = { (node, configuration) throws(ValueError) in
            do throws(ValueError) { try read(node, &configuration) } catch {
                throw ValueError(expected: error.expected + remark)
            }
        }
        return setting
    }
}
