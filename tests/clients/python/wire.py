"""Reading errors the way an application that goes beyond the exception class does."""


def info(error):
    """The ErrorInfo of an exception of the SDK."""
    details = error._unpacked_details
    assert len(details) == 1, f"one ErrorInfo per error, not {details}"
    return details[0]


def violations(error):
    """The field violations of an exception of the SDK as (field, constraint) pairs."""
    found = info(error).validation_error_info.field_violations
    assert all(violation.description for violation in found)
    return {(violation.field, violation.constraint) for violation in found}


def rest_info(answer):
    """The ErrorInfo of a REST error."""
    assert answer.headers["content-type"].startswith("application/json")
    body = answer.json()
    assert set(body) == {"code", "message", "details"}
    (detail,) = body["details"]
    assert detail["@type"] == "type.googleapis.com/scalekit.v1.errdetails.ErrorInfo"
    return detail


def rest_violations(answer):
    """The field violations of a REST error as (field, constraint) pairs."""
    found = rest_info(answer)["validation_error_info"]["field_violations"]
    return {(violation["field"], violation["constraint"]) for violation in found}
