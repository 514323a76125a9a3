/// The names that an environment declares, in full, and the order of the lookup: in the container, then in
/// each enclosing container, then at the root.
struct NameTable {
    private let variables: [String: Int]
    private let library: CELLibrary
    /// The prefixes to try: `a.b.`, `a.`, and the empty text.
    private let prefixes: [String]
    /// The number of parts of the longest declared name; a longer name need not be tried.
    let mostParts: Int

    init(_ environment: CELEnvironment) {
        variables = Dictionary(
            environment.variables.enumerated().map { ($1.name, $0) },
            uniquingKeysWith: { first, _ in first })
        library = environment.library
        var container = environment.container.split(separator: ".")
        var prefixes: [String] = []
        while !container.isEmpty {
            prefixes.append(container.joined(separator: ".") + ".")
            container.removeLast()
        }
        self.prefixes = prefixes + [""]
        mostParts =
            [
                environment.variables.map { Self.parts(of: $0.name) },
                environment.library.functions.map { Self.parts(of: $0.name) },
                CELTypeName.known.keys.map(Self.parts(of:)),
            ].joined().max() ?? 1
    }

    func value(named name: String, isRooted: Bool) -> CELResolution.Reference? {
        for prefix in isRooted ? [""] : prefixes {
            let full = prefix + name
            if let slot = variables[full] { return .variable(slot) }
            if CELTypeName.known[full] != nil { return .type(CELTypeName(full)) }
        }
        return nil
    }

    func function(named name: String, isRooted: Bool) -> Int? {
        for prefix in isRooted ? [""] : prefixes {
            if let place = library.place(of: prefix + name, isMember: false) { return place }
        }
        return nil
    }

    func member(named name: String) -> Int? { library.place(of: name, isMember: true) }

    private static func parts(of name: String) -> Int {
        name.utf8.reduce(1) { $1 == UInt8(ascii: ".") ? $0 + 1 : $0 }
    }
}
