package import InterlockModel

/// One function of the language. All overloads of a name and call style share one body, which distinguishes
/// them by the kinds of its arguments; the checker uses the declared overloads.
package struct CELFunction: Sendable {
    package typealias Body =
        @Sendable (_ arguments: [CELValue], _ budget: inout CELBudget) throws(CELFault) -> CELValue
    /// Bodies for one argument and for two, which need no array.
    typealias Unary = @Sendable (CELValue, inout CELBudget) throws(CELFault) -> CELValue
    typealias Binary = @Sendable (CELValue, CELValue, inout CELBudget) throws(CELFault) -> CELValue
    /// Bodies whose last argument is a constant text that the program has prepared.
    typealias OfPattern =
        @Sendable (CELValue, CELPattern, inout CELBudget) throws(CELFault) -> CELValue
    typealias OfZone = @Sendable (CELValue, ZoneRules) throws(CELFault) -> CELValue

    /// The name with its namespace: `math.greatest`.
    package let name: String
    /// True if the function is called on its first argument: `'abc'.startsWith('a')`.
    package let isMember: Bool
    package let overloads: [CELOverload]
    let body: Body
    private(set) var unary: Unary?
    private(set) var binary: Binary?
    /// True if the second argument is evaluated only when the first is an empty optional.
    private(set) var isAlternative = false
    /// The body for a regular expression as the second argument, which must be a constant.
    private(set) var ofPattern: OfPattern?
    /// The body for the name of a time zone as the second argument, which must be a constant.
    private(set) var ofZone: OfZone?

    package init(
        _ name: String, isMember: Bool = false, _ overloads: [CELOverload], body: @escaping Body
    ) {
        self.name = name
        self.isMember = isMember
        self.overloads = overloads
        self.body = body
    }

    /// A function of one argument and, with `inZone`, of a second one that names a time zone.
    init(
        ofOne name: String, isMember: Bool = false, _ overloads: [CELOverload],
        inZone: OfZone? = nil, body unary: @escaping Unary
    ) {
        self.init(name, isMember: isMember, overloads) { arguments, budget throws(CELFault) in
            guard arguments.count == 1 else { throw CELFault(.noSuchOverload, name) }
            return try unary(arguments[0], &budget)
        }
        self.unary = unary
        self.ofZone = inZone
    }

    init(
        ofTwo name: String, isMember: Bool = false, isAlternative: Bool = false,
        _ overloads: [CELOverload], body binary: @escaping Binary
    ) {
        self.init(name, isMember: isMember, overloads) { arguments, budget throws(CELFault) in
            guard arguments.count == 2 else { throw CELFault(.noSuchOverload, name) }
            return try binary(arguments[0], arguments[1], &budget)
        }
        self.binary = binary
        self.isAlternative = isAlternative
    }

    /// A function whose overloads have different numbers of arguments. Its body runs only with a number
    /// that some overload has and need not check it, although unchecked calls may have any number.
    init(
        ofSome name: String, isMember: Bool = false, _ overloads: [CELOverload],
        body: @escaping Body
    ) {
        let counts = overloads.map(\.parameters.count)
        self.init(name, isMember: isMember, overloads) { arguments, budget throws(CELFault) in
            guard counts.contains(arguments.count) else { throw CELFault(.noSuchOverload, name) }
            return try body(arguments, &budget)
        }
    }

    init(
        ofPattern name: String, isMember: Bool, _ overloads: [CELOverload],
        body ofPattern: @escaping OfPattern
    ) {
        self.init(name, isMember: isMember, overloads) { _, _ throws(CELFault) in
            throw CELFault(.noSuchOverload, name)
        }
        self.ofPattern = ofPattern
    }
}

/// A compiled regular expression of a program.
struct CELPattern: Sendable {
    let matcher: any Pattern
    /// The cost of a search in steps for each ten bytes of text.
    let stepsForTenBytes: Int

    /// - Parameter byteCount: the length of the pattern's text in bytes.
    init(_ matcher: any Pattern, byteCount: Int) {
        self.matcher = matcher
        stepsForTenBytes = max((byteCount + 3) / 4, matcher.instructions / 64)
    }
}

/// One signature of a function; the receiver of a member function is the first parameter.
package struct CELOverload: Sendable, Hashable {
    package let parameters: [CELType]
    package let result: CELType

    package init(_ parameters: [CELType], _ result: CELType) {
        self.parameters = parameters
        self.result = result
    }
}

/// The functions that an environment can call. A name with both call styles has one entry for each.
package struct CELLibrary: Sendable {
    package private(set) var functions: [CELFunction]
    private var places: [Key: Int]

    /// All functions that guards can call: those of the language itself, and extensions.
    package static let standard = CELLibrary(
        CELTextFunctions.all + CELConversionFunctions.all + CELTimeFunctions.all
            + CELStringFunctions.all + CELMathFunctions.all + CELNetworkFunctions.all
            + CELOptionalFunctions.all + CELEncoderFunctions.all + CELSetFunctions.all)

    struct Key: Hashable {
        let name: String
        let isMember: Bool
    }

    package init(_ functions: [CELFunction]) {
        self.functions = []
        places = [:]
        for function in functions { add(function) }
    }

    package mutating func add(_ function: CELFunction) {
        let key = Key(name: function.name, isMember: function.isMember)
        if let place = places[key] {
            functions[place] = function
        } else {
            places[key] = functions.count
            functions.append(function)
        }
    }

    package func place(of name: String, isMember: Bool) -> Int? {
        places[Key(name: name, isMember: isMember)]
    }
}

/// The context of an expression: the container in which name resolution starts, the variables, the
/// functions, and the ports that functions need.
package struct CELEnvironment: Sendable {
    package struct Variable: Sendable, Hashable {
        /// The name, which may be dotted: `call.server`.
        package let name: String
        package let type: CELType
        /// The size of its values, used to estimate the cost of a guard.
        package let extent: CELExtent
        package init(_ name: String, _ type: CELType, extent: CELExtent = .unstated) {
            self.name = name
            self.type = type
            self.extent = extent
        }
    }

    package var container: String
    /// The variables; the index of a variable is its slot.
    package var variables: [Variable]
    package var library: CELLibrary
    /// Compiles the constant patterns of `matches`.
    package let patterns: any PatternCompiler
    /// Finds constant time zones by name.
    package let zones: any ZoneSource
    /// The name of the arguments' schema in messages: `billing.refund_request (sha256:e00d31)`.
    package var schemaName = "the schema"

    package init(
        container: String = "", variables: [Variable], library: CELLibrary,
        patterns: any PatternCompiler, zones: any ZoneSource
    ) {
        self.container = container
        self.variables = variables
        self.library = library
        self.patterns = patterns
        self.zones = zones
    }
}
