extension CELFunction {
    /// A function of several counts of arguments. Its code is reached only with as many as some overload
    /// has, so that it need not count them: calls that were not checked may have any number.
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
