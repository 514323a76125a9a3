/// Access to the arguments of functions by kind.
///
/// - Throws: `no_such_overload` for another kind.
extension CELValue {
    func string() throws(CELFault) -> String {
        if case .string(let value) = self { value } else { throw noOverload }
    }

    func bytes() throws(CELFault) -> [UInt8] {
        if case .bytes(let value) = self { value } else { throw noOverload }
    }

    func int() throws(CELFault) -> Int64 {
        if case .int(let value) = self { value } else { throw noOverload }
    }

    func double() throws(CELFault) -> Double {
        if case .double(let value) = self { value } else { throw noOverload }
    }

    func list() throws(CELFault) -> CELList {
        if case .list(let value) = self { value } else { throw noOverload }
    }

    func optional() throws(CELFault) -> CELOptional {
        if case .optional(let value) = self { value } else { throw noOverload }
    }

    func ip() throws(CELFault) -> CELAddress {
        if case .ip(let value) = self { value } else { throw noOverload }
    }

    func cidr() throws(CELFault) -> CELNetwork {
        if case .cidr(let value) = self { value } else { throw noOverload }
    }

    var noOverload: CELFault { CELFault(.noSuchOverload, typeName) }
}
