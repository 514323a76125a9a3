/// Access to the arguments of functions by kind.
///
/// - Throws: `no_such_overload` for another kind.
extension CELValue {
    func string() throws(CELFault) -> String {
        guard case .string(let value) = self else { throw noOverload }
        return value
    }

    func bytes() throws(CELFault) -> [UInt8] {
        guard case .bytes(let value) = self else { throw noOverload }
        return value
    }

    func int() throws(CELFault) -> Int64 {
        guard case .int(let value) = self else { throw noOverload }
        return value
    }

    func double() throws(CELFault) -> Double {
        guard case .double(let value) = self else { throw noOverload }
        return value
    }

    func list() throws(CELFault) -> CELList {
        guard case .list(let value) = self else { throw noOverload }
        return value
    }

    func optional() throws(CELFault) -> CELOptional {
        guard case .optional(let value) = self else { throw noOverload }
        return value
    }

    func ip() throws(CELFault) -> CELAddress {
        guard case .ip(let value) = self else { throw noOverload }
        return value
    }

    func cidr() throws(CELFault) -> CELNetwork {
        guard case .cidr(let value) = self else { throw noOverload }
        return value
    }

    var noOverload: CELFault { CELFault(.noSuchOverload, typeName) }
}
