extension CELFunction {
    /// A function whose overloads have different numbers of arguments. Its body runs only with a number
    /// that some overload has and need not check it, although calls that were not checked may have any
    /// number.
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
}
