// Generated from schema/events.schema.json by `npm run generate`. Do not edit.
// @ts-nocheck
var __getOwnPropNames = Object.getOwnPropertyNames;
var __commonJS = (cb, mod) => function __require() {
  try {
    return mod || (0, cb[__getOwnPropNames(cb)[0]])((mod = { exports: {} }).exports, mod), mod.exports;
  } catch (e) {
    throw mod = 0, e;
  }
};

// ../../node_modules/ajv/dist/runtime/ucs2length.js
var require_ucs2length = __commonJS({
  "../../node_modules/ajv/dist/runtime/ucs2length.js"(exports) {
    "use strict";
    Object.defineProperty(exports, "__esModule", { value: true });
    function ucs2length(str) {
      const len = str.length;
      let length = 0;
      let pos = 0;
      let value;
      while (pos < len) {
        length++;
        value = str.charCodeAt(pos++);
        if (value >= 55296 && value <= 56319 && pos < len) {
          value = str.charCodeAt(pos);
          if ((value & 64512) === 56320)
            pos++;
        }
      }
      return length;
    }
    exports.default = ucs2length;
    ucs2length.code = 'require("ajv/dist/runtime/ucs2length").default';
  }
});

// <stdin>
var agent_started = validate15;
var func0 = Object.prototype.hasOwnProperty;
var func54 = require_ucs2length().default;
function validate15(data, { instancePath = "", parentData, parentDataProperty, rootData = data } = {}) {
  let vErrors = null;
  let errors = 0;
  if (errors === 0) {
    if (data && typeof data == "object" && !Array.isArray(data)) {
      const _errs1 = errors;
      for (const key0 of Object.keys(data)) {
        if (!(key0 === "task_description" || key0 === "message_id" || key0 === "parent_run_id" || key0 === "metadata")) {
          validate15.errors = [{ instancePath, schemaPath: "#/additionalProperties", keyword: "additionalProperties", params: { additionalProperty: key0 }, message: "must NOT have additional properties" }];
          return false;
          break;
        }
      }
      if (_errs1 === errors) {
        if (data.task_description !== void 0 && func0.call(data, "task_description")) {
          const _errs2 = errors;
          if (typeof data.task_description !== "string") {
            validate15.errors = [{ instancePath: instancePath + "/task_description", schemaPath: "#/properties/task_description/type", keyword: "type", params: { type: "string" }, message: "must be string" }];
            return false;
          }
          var valid0 = _errs2 === errors;
        } else {
          var valid0 = true;
        }
        if (valid0) {
          if (data.message_id !== void 0 && func0.call(data, "message_id")) {
            let data1 = data.message_id;
            const _errs4 = errors;
            if (errors === _errs4) {
              if (typeof data1 === "string") {
                if (func54(data1) > 128) {
                  validate15.errors = [{ instancePath: instancePath + "/message_id", schemaPath: "#/properties/message_id/maxLength", keyword: "maxLength", params: { limit: 128 }, message: "must NOT have more than 128 characters" }];
                  return false;
                } else {
                  if (func54(data1) < 1) {
                    validate15.errors = [{ instancePath: instancePath + "/message_id", schemaPath: "#/properties/message_id/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters" }];
                    return false;
                  }
                }
              } else {
                validate15.errors = [{ instancePath: instancePath + "/message_id", schemaPath: "#/properties/message_id/type", keyword: "type", params: { type: "string" }, message: "must be string" }];
                return false;
              }
            }
            var valid0 = _errs4 === errors;
          } else {
            var valid0 = true;
          }
          if (valid0) {
            if (data.parent_run_id !== void 0 && func0.call(data, "parent_run_id")) {
              let data2 = data.parent_run_id;
              const _errs6 = errors;
              if (errors === _errs6) {
                if (typeof data2 === "string") {
                  if (func54(data2) > 128) {
                    validate15.errors = [{ instancePath: instancePath + "/parent_run_id", schemaPath: "#/properties/parent_run_id/maxLength", keyword: "maxLength", params: { limit: 128 }, message: "must NOT have more than 128 characters" }];
                    return false;
                  } else {
                    if (func54(data2) < 1) {
                      validate15.errors = [{ instancePath: instancePath + "/parent_run_id", schemaPath: "#/properties/parent_run_id/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters" }];
                      return false;
                    }
                  }
                } else {
                  validate15.errors = [{ instancePath: instancePath + "/parent_run_id", schemaPath: "#/properties/parent_run_id/type", keyword: "type", params: { type: "string" }, message: "must be string" }];
                  return false;
                }
              }
              var valid0 = _errs6 === errors;
            } else {
              var valid0 = true;
            }
            if (valid0) {
              if (data.metadata !== void 0 && func0.call(data, "metadata")) {
                let data3 = data.metadata;
                const _errs8 = errors;
                if (errors === _errs8) {
                  if (data3 && typeof data3 == "object" && !Array.isArray(data3)) {
                  } else {
                    validate15.errors = [{ instancePath: instancePath + "/metadata", schemaPath: "#/properties/metadata/type", keyword: "type", params: { type: "object" }, message: "must be object" }];
                    return false;
                  }
                }
                var valid0 = _errs8 === errors;
              } else {
                var valid0 = true;
              }
            }
          }
        }
      }
    } else {
      validate15.errors = [{ instancePath, schemaPath: "#/type", keyword: "type", params: { type: "object" }, message: "must be object" }];
      return false;
    }
  }
  validate15.errors = vErrors;
  return errors === 0;
}
var agent_thinking = validate16;
function validate16(data, { instancePath = "", parentData, parentDataProperty, rootData = data } = {}) {
  let vErrors = null;
  let errors = 0;
  if (errors === 0) {
    if (data && typeof data == "object" && !Array.isArray(data)) {
      let missing0;
      if ((data.reasoning === void 0 || !func0.call(data, "reasoning")) && (missing0 = "reasoning")) {
        validate16.errors = [{ instancePath, schemaPath: "#/required", keyword: "required", params: { missingProperty: missing0 }, message: "must have required property '" + missing0 + "'" }];
        return false;
      } else {
        const _errs1 = errors;
        for (const key0 of Object.keys(data)) {
          if (!(key0 === "reasoning" || key0 === "step_number" || key0 === "progress")) {
            validate16.errors = [{ instancePath, schemaPath: "#/additionalProperties", keyword: "additionalProperties", params: { additionalProperty: key0 }, message: "must NOT have additional properties" }];
            return false;
            break;
          }
        }
        if (_errs1 === errors) {
          if (data.reasoning !== void 0 && func0.call(data, "reasoning")) {
            const _errs2 = errors;
            if (typeof data.reasoning !== "string") {
              validate16.errors = [{ instancePath: instancePath + "/reasoning", schemaPath: "#/properties/reasoning/type", keyword: "type", params: { type: "string" }, message: "must be string" }];
              return false;
            }
            var valid0 = _errs2 === errors;
          } else {
            var valid0 = true;
          }
          if (valid0) {
            if (data.step_number !== void 0 && func0.call(data, "step_number")) {
              let data1 = data.step_number;
              const _errs4 = errors;
              if (!(typeof data1 == "number" && (!(data1 % 1) && !isNaN(data1)) && isFinite(data1))) {
                validate16.errors = [{ instancePath: instancePath + "/step_number", schemaPath: "#/properties/step_number/type", keyword: "type", params: { type: "integer" }, message: "must be integer" }];
                return false;
              }
              if (errors === _errs4) {
                if (typeof data1 == "number" && isFinite(data1)) {
                  if (data1 < 0 || isNaN(data1)) {
                    validate16.errors = [{ instancePath: instancePath + "/step_number", schemaPath: "#/properties/step_number/minimum", keyword: "minimum", params: { comparison: ">=", limit: 0 }, message: "must be >= 0" }];
                    return false;
                  }
                }
              }
              var valid0 = _errs4 === errors;
            } else {
              var valid0 = true;
            }
            if (valid0) {
              if (data.progress !== void 0 && func0.call(data, "progress")) {
                let data2 = data.progress;
                const _errs6 = errors;
                if (errors === _errs6) {
                  if (typeof data2 == "number" && isFinite(data2)) {
                    if (data2 > 1 || isNaN(data2)) {
                      validate16.errors = [{ instancePath: instancePath + "/progress", schemaPath: "#/properties/progress/maximum", keyword: "maximum", params: { comparison: "<=", limit: 1 }, message: "must be <= 1" }];
                      return false;
                    } else {
                      if (data2 < 0 || isNaN(data2)) {
                        validate16.errors = [{ instancePath: instancePath + "/progress", schemaPath: "#/properties/progress/minimum", keyword: "minimum", params: { comparison: ">=", limit: 0 }, message: "must be >= 0" }];
                        return false;
                      }
                    }
                  } else {
                    validate16.errors = [{ instancePath: instancePath + "/progress", schemaPath: "#/properties/progress/type", keyword: "type", params: { type: "number" }, message: "must be number" }];
                    return false;
                  }
                }
                var valid0 = _errs6 === errors;
              } else {
                var valid0 = true;
              }
            }
          }
        }
      }
    } else {
      validate16.errors = [{ instancePath, schemaPath: "#/type", keyword: "type", params: { type: "object" }, message: "must be object" }];
      return false;
    }
  }
  validate16.errors = vErrors;
  return errors === 0;
}
var tool_executing = validate17;
function validate17(data, { instancePath = "", parentData, parentDataProperty, rootData = data } = {}) {
  let vErrors = null;
  let errors = 0;
  if (errors === 0) {
    if (data && typeof data == "object" && !Array.isArray(data)) {
      let missing0;
      if ((data.tool_call_id === void 0 || !func0.call(data, "tool_call_id")) && (missing0 = "tool_call_id") || (data.tool_name === void 0 || !func0.call(data, "tool_name")) && (missing0 = "tool_name") || (data.parameters === void 0 || !func0.call(data, "parameters")) && (missing0 = "parameters")) {
        validate17.errors = [{ instancePath, schemaPath: "#/required", keyword: "required", params: { missingProperty: missing0 }, message: "must have required property '" + missing0 + "'" }];
        return false;
      } else {
        const _errs1 = errors;
        for (const key0 of Object.keys(data)) {
          if (!(key0 === "tool_call_id" || key0 === "tool_name" || key0 === "parameters")) {
            validate17.errors = [{ instancePath, schemaPath: "#/additionalProperties", keyword: "additionalProperties", params: { additionalProperty: key0 }, message: "must NOT have additional properties" }];
            return false;
            break;
          }
        }
        if (_errs1 === errors) {
          if (data.tool_call_id !== void 0 && func0.call(data, "tool_call_id")) {
            let data0 = data.tool_call_id;
            const _errs2 = errors;
            if (errors === _errs2) {
              if (typeof data0 === "string") {
                if (func54(data0) > 128) {
                  validate17.errors = [{ instancePath: instancePath + "/tool_call_id", schemaPath: "#/properties/tool_call_id/maxLength", keyword: "maxLength", params: { limit: 128 }, message: "must NOT have more than 128 characters" }];
                  return false;
                } else {
                  if (func54(data0) < 1) {
                    validate17.errors = [{ instancePath: instancePath + "/tool_call_id", schemaPath: "#/properties/tool_call_id/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters" }];
                    return false;
                  }
                }
              } else {
                validate17.errors = [{ instancePath: instancePath + "/tool_call_id", schemaPath: "#/properties/tool_call_id/type", keyword: "type", params: { type: "string" }, message: "must be string" }];
                return false;
              }
            }
            var valid0 = _errs2 === errors;
          } else {
            var valid0 = true;
          }
          if (valid0) {
            if (data.tool_name !== void 0 && func0.call(data, "tool_name")) {
              let data1 = data.tool_name;
              const _errs4 = errors;
              if (errors === _errs4) {
                if (typeof data1 === "string") {
                  if (func54(data1) > 128) {
                    validate17.errors = [{ instancePath: instancePath + "/tool_name", schemaPath: "#/properties/tool_name/maxLength", keyword: "maxLength", params: { limit: 128 }, message: "must NOT have more than 128 characters" }];
                    return false;
                  } else {
                    if (func54(data1) < 1) {
                      validate17.errors = [{ instancePath: instancePath + "/tool_name", schemaPath: "#/properties/tool_name/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters" }];
                      return false;
                    }
                  }
                } else {
                  validate17.errors = [{ instancePath: instancePath + "/tool_name", schemaPath: "#/properties/tool_name/type", keyword: "type", params: { type: "string" }, message: "must be string" }];
                  return false;
                }
              }
              var valid0 = _errs4 === errors;
            } else {
              var valid0 = true;
            }
            if (valid0) {
              if (data.parameters !== void 0 && func0.call(data, "parameters")) {
                let data2 = data.parameters;
                const _errs6 = errors;
                if (errors === _errs6) {
                  if (data2 && typeof data2 == "object" && !Array.isArray(data2)) {
                  } else {
                    validate17.errors = [{ instancePath: instancePath + "/parameters", schemaPath: "#/properties/parameters/type", keyword: "type", params: { type: "object" }, message: "must be object" }];
                    return false;
                  }
                }
                var valid0 = _errs6 === errors;
              } else {
                var valid0 = true;
              }
            }
          }
        }
      }
    } else {
      validate17.errors = [{ instancePath, schemaPath: "#/type", keyword: "type", params: { type: "object" }, message: "must be object" }];
      return false;
    }
  }
  validate17.errors = vErrors;
  return errors === 0;
}
var tool_completed = validate18;
function validate18(data, { instancePath = "", parentData, parentDataProperty, rootData = data } = {}) {
  let vErrors = null;
  let errors = 0;
  const _errs1 = errors;
  let valid0 = true;
  const _errs2 = errors;
  if (data && typeof data == "object" && !Array.isArray(data)) {
    let missing0;
    if ((data.success === void 0 || !func0.call(data, "success")) && (missing0 = "success")) {
      const err0 = {};
      if (vErrors === null) {
        vErrors = [err0];
      } else {
        vErrors.push(err0);
      }
      errors++;
    } else {
      if (data.success !== void 0 && func0.call(data, "success")) {
        if (true !== data.success) {
          const err1 = {};
          if (vErrors === null) {
            vErrors = [err1];
          } else {
            vErrors.push(err1);
          }
          errors++;
        }
      }
    }
  }
  var _valid0 = _errs2 === errors;
  errors = _errs1;
  if (vErrors !== null) {
    if (_errs1) {
      vErrors.length = _errs1;
    } else {
      vErrors = null;
    }
  }
  let ifClause0;
  if (_valid0) {
    const _errs4 = errors;
    if (data && typeof data == "object" && !Array.isArray(data)) {
      if (data.error !== void 0 && func0.call(data, "error")) {
        validate18.errors = [{ instancePath: instancePath + "/error", schemaPath: "#/then/properties/error/false schema", keyword: "false schema", params: {}, message: "boolean schema is false" }];
        return false;
      }
    }
    var _valid0 = _errs4 === errors;
    valid0 = _valid0;
    ifClause0 = "then";
  } else {
    const _errs5 = errors;
    const _errs6 = errors;
    let valid3 = true;
    const _errs7 = errors;
    if (data && typeof data == "object" && !Array.isArray(data)) {
      let missing1;
      if ((data.success === void 0 || !func0.call(data, "success")) && (missing1 = "success")) {
        const err2 = {};
        if (vErrors === null) {
          vErrors = [err2];
        } else {
          vErrors.push(err2);
        }
        errors++;
      } else {
        if (data.success !== void 0 && func0.call(data, "success")) {
          if (false !== data.success) {
            const err3 = {};
            if (vErrors === null) {
              vErrors = [err3];
            } else {
              vErrors.push(err3);
            }
            errors++;
          }
        }
      }
    }
    var _valid1 = _errs7 === errors;
    errors = _errs6;
    if (vErrors !== null) {
      if (_errs6) {
        vErrors.length = _errs6;
      } else {
        vErrors = null;
      }
    }
    if (_valid1) {
      const _errs9 = errors;
      if (data && typeof data == "object" && !Array.isArray(data)) {
        let missing2;
        if ((data.error === void 0 || !func0.call(data, "error")) && (missing2 = "error")) {
          validate18.errors = [{ instancePath, schemaPath: "#/else/then/required", keyword: "required", params: { missingProperty: missing2 }, message: "must have required property '" + missing2 + "'" }];
          return false;
        } else {
          if (data.results !== void 0 && func0.call(data, "results")) {
            validate18.errors = [{ instancePath: instancePath + "/results", schemaPath: "#/else/then/properties/results/false schema", keyword: "false schema", params: {}, message: "boolean schema is false" }];
            return false;
          }
        }
      }
      var _valid1 = _errs9 === errors;
      valid3 = _valid1;
    }
    if (!valid3) {
      const err4 = { instancePath, schemaPath: "#/else/if", keyword: "if", params: { failingKeyword: "then" }, message: 'must match "then" schema' };
      if (vErrors === null) {
        vErrors = [err4];
      } else {
        vErrors.push(err4);
      }
      errors++;
      validate18.errors = vErrors;
      return false;
    }
    var _valid0 = _errs5 === errors;
    valid0 = _valid0;
    ifClause0 = "else";
  }
  if (!valid0) {
    const err5 = { instancePath, schemaPath: "#/if", keyword: "if", params: { failingKeyword: ifClause0 }, message: 'must match "' + ifClause0 + '" schema' };
    if (vErrors === null) {
      vErrors = [err5];
    } else {
      vErrors.push(err5);
    }
    errors++;
    validate18.errors = vErrors;
    return false;
  }
  if (errors === 0) {
    if (data && typeof data == "object" && !Array.isArray(data)) {
      let missing3;
      if ((data.tool_call_id === void 0 || !func0.call(data, "tool_call_id")) && (missing3 = "tool_call_id") || (data.tool_name === void 0 || !func0.call(data, "tool_name")) && (missing3 = "tool_name") || (data.success === void 0 || !func0.call(data, "success")) && (missing3 = "success") || (data.duration_ms === void 0 || !func0.call(data, "duration_ms")) && (missing3 = "duration_ms")) {
        validate18.errors = [{ instancePath, schemaPath: "#/required", keyword: "required", params: { missingProperty: missing3 }, message: "must have required property '" + missing3 + "'" }];
        return false;
      } else {
        const _errs10 = errors;
        for (const key0 of Object.keys(data)) {
          if (!(key0 === "tool_call_id" || key0 === "tool_name" || key0 === "success" || key0 === "results" || key0 === "error" || key0 === "duration_ms")) {
            validate18.errors = [{ instancePath, schemaPath: "#/additionalProperties", keyword: "additionalProperties", params: { additionalProperty: key0 }, message: "must NOT have additional properties" }];
            return false;
            break;
          }
        }
        if (_errs10 === errors) {
          if (data.tool_call_id !== void 0 && func0.call(data, "tool_call_id")) {
            let data4 = data.tool_call_id;
            const _errs11 = errors;
            if (errors === _errs11) {
              if (typeof data4 === "string") {
                if (func54(data4) > 128) {
                  validate18.errors = [{ instancePath: instancePath + "/tool_call_id", schemaPath: "#/properties/tool_call_id/maxLength", keyword: "maxLength", params: { limit: 128 }, message: "must NOT have more than 128 characters" }];
                  return false;
                } else {
                  if (func54(data4) < 1) {
                    validate18.errors = [{ instancePath: instancePath + "/tool_call_id", schemaPath: "#/properties/tool_call_id/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters" }];
                    return false;
                  }
                }
              } else {
                validate18.errors = [{ instancePath: instancePath + "/tool_call_id", schemaPath: "#/properties/tool_call_id/type", keyword: "type", params: { type: "string" }, message: "must be string" }];
                return false;
              }
            }
            var valid6 = _errs11 === errors;
          } else {
            var valid6 = true;
          }
          if (valid6) {
            if (data.tool_name !== void 0 && func0.call(data, "tool_name")) {
              let data5 = data.tool_name;
              const _errs13 = errors;
              if (errors === _errs13) {
                if (typeof data5 === "string") {
                  if (func54(data5) > 128) {
                    validate18.errors = [{ instancePath: instancePath + "/tool_name", schemaPath: "#/properties/tool_name/maxLength", keyword: "maxLength", params: { limit: 128 }, message: "must NOT have more than 128 characters" }];
                    return false;
                  } else {
                    if (func54(data5) < 1) {
                      validate18.errors = [{ instancePath: instancePath + "/tool_name", schemaPath: "#/properties/tool_name/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters" }];
                      return false;
                    }
                  }
                } else {
                  validate18.errors = [{ instancePath: instancePath + "/tool_name", schemaPath: "#/properties/tool_name/type", keyword: "type", params: { type: "string" }, message: "must be string" }];
                  return false;
                }
              }
              var valid6 = _errs13 === errors;
            } else {
              var valid6 = true;
            }
            if (valid6) {
              if (data.success !== void 0 && func0.call(data, "success")) {
                const _errs15 = errors;
                if (typeof data.success !== "boolean") {
                  validate18.errors = [{ instancePath: instancePath + "/success", schemaPath: "#/properties/success/type", keyword: "type", params: { type: "boolean" }, message: "must be boolean" }];
                  return false;
                }
                var valid6 = _errs15 === errors;
              } else {
                var valid6 = true;
              }
              if (valid6) {
                if (data.error !== void 0 && func0.call(data, "error")) {
                  let data7 = data.error;
                  const _errs17 = errors;
                  const _errs18 = errors;
                  if (errors === _errs18) {
                    if (data7 && typeof data7 == "object" && !Array.isArray(data7)) {
                      let missing4;
                      if ((data7.code === void 0 || !func0.call(data7, "code")) && (missing4 = "code") || (data7.message === void 0 || !func0.call(data7, "message")) && (missing4 = "message")) {
                        validate18.errors = [{ instancePath: instancePath + "/error", schemaPath: "#/definitions/EventError/required", keyword: "required", params: { missingProperty: missing4 }, message: "must have required property '" + missing4 + "'" }];
                        return false;
                      } else {
                        const _errs20 = errors;
                        for (const key1 of Object.keys(data7)) {
                          if (!(key1 === "code" || key1 === "message")) {
                            validate18.errors = [{ instancePath: instancePath + "/error", schemaPath: "#/definitions/EventError/additionalProperties", keyword: "additionalProperties", params: { additionalProperty: key1 }, message: "must NOT have additional properties" }];
                            return false;
                            break;
                          }
                        }
                        if (_errs20 === errors) {
                          if (data7.code !== void 0 && func0.call(data7, "code")) {
                            let data8 = data7.code;
                            const _errs21 = errors;
                            if (errors === _errs21) {
                              if (typeof data8 === "string") {
                                if (func54(data8) > 128) {
                                  validate18.errors = [{ instancePath: instancePath + "/error/code", schemaPath: "#/definitions/EventError/properties/code/maxLength", keyword: "maxLength", params: { limit: 128 }, message: "must NOT have more than 128 characters" }];
                                  return false;
                                } else {
                                  if (func54(data8) < 1) {
                                    validate18.errors = [{ instancePath: instancePath + "/error/code", schemaPath: "#/definitions/EventError/properties/code/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters" }];
                                    return false;
                                  }
                                }
                              } else {
                                validate18.errors = [{ instancePath: instancePath + "/error/code", schemaPath: "#/definitions/EventError/properties/code/type", keyword: "type", params: { type: "string" }, message: "must be string" }];
                                return false;
                              }
                            }
                            var valid8 = _errs21 === errors;
                          } else {
                            var valid8 = true;
                          }
                          if (valid8) {
                            if (data7.message !== void 0 && func0.call(data7, "message")) {
                              const _errs23 = errors;
                              if (typeof data7.message !== "string") {
                                validate18.errors = [{ instancePath: instancePath + "/error/message", schemaPath: "#/definitions/EventError/properties/message/type", keyword: "type", params: { type: "string" }, message: "must be string" }];
                                return false;
                              }
                              var valid8 = _errs23 === errors;
                            } else {
                              var valid8 = true;
                            }
                          }
                        }
                      }
                    } else {
                      validate18.errors = [{ instancePath: instancePath + "/error", schemaPath: "#/definitions/EventError/type", keyword: "type", params: { type: "object" }, message: "must be object" }];
                      return false;
                    }
                  }
                  var valid6 = _errs17 === errors;
                } else {
                  var valid6 = true;
                }
                if (valid6) {
                  if (data.duration_ms !== void 0 && func0.call(data, "duration_ms")) {
                    let data10 = data.duration_ms;
                    const _errs25 = errors;
                    if (errors === _errs25) {
                      if (typeof data10 == "number" && isFinite(data10)) {
                        if (data10 < 0 || isNaN(data10)) {
                          validate18.errors = [{ instancePath: instancePath + "/duration_ms", schemaPath: "#/properties/duration_ms/minimum", keyword: "minimum", params: { comparison: ">=", limit: 0 }, message: "must be >= 0" }];
                          return false;
                        }
                      } else {
                        validate18.errors = [{ instancePath: instancePath + "/duration_ms", schemaPath: "#/properties/duration_ms/type", keyword: "type", params: { type: "number" }, message: "must be number" }];
                        return false;
                      }
                    }
                    var valid6 = _errs25 === errors;
                  } else {
                    var valid6 = true;
                  }
                }
              }
            }
          }
        }
      }
    } else {
      validate18.errors = [{ instancePath, schemaPath: "#/type", keyword: "type", params: { type: "object" }, message: "must be object" }];
      return false;
    }
  }
  validate18.errors = vErrors;
  return errors === 0;
}
var agent_completed = validate19;
var schema17 = { "title": "AgentCompletedData", "description": "A run ended. Always the last event of its run, and there is exactly one.", "type": "object", "additionalProperties": false, "required": ["outcome", "duration_ms"], "properties": { "outcome": { "enum": ["succeeded", "failed", "cancelled", "interrupted"], "description": "`succeeded`; `failed`: the agent threw or ran too long; `cancelled`: the user stopped it; `interrupted`: the service went away." }, "final_response": { "description": "The whole answer, when there is one: a string, or any JSON value the application chose." }, "error": { "$ref": "#/definitions/EventError", "description": "Why the run did not succeed." }, "duration_ms": { "type": "number", "minimum": 0, "description": "How long the run took, in milliseconds." }, "usage": { "type": "object", "description": "What the run used, such as tokens by kind.", "additionalProperties": { "type": "number" } } } };
function validate19(data, { instancePath = "", parentData, parentDataProperty, rootData = data } = {}) {
  let vErrors = null;
  let errors = 0;
  if (errors === 0) {
    if (data && typeof data == "object" && !Array.isArray(data)) {
      let missing0;
      if ((data.outcome === void 0 || !func0.call(data, "outcome")) && (missing0 = "outcome") || (data.duration_ms === void 0 || !func0.call(data, "duration_ms")) && (missing0 = "duration_ms")) {
        validate19.errors = [{ instancePath, schemaPath: "#/required", keyword: "required", params: { missingProperty: missing0 }, message: "must have required property '" + missing0 + "'" }];
        return false;
      } else {
        const _errs1 = errors;
        for (const key0 of Object.keys(data)) {
          if (!(key0 === "outcome" || key0 === "final_response" || key0 === "error" || key0 === "duration_ms" || key0 === "usage")) {
            validate19.errors = [{ instancePath, schemaPath: "#/additionalProperties", keyword: "additionalProperties", params: { additionalProperty: key0 }, message: "must NOT have additional properties" }];
            return false;
            break;
          }
        }
        if (_errs1 === errors) {
          if (data.outcome !== void 0 && func0.call(data, "outcome")) {
            let data0 = data.outcome;
            const _errs2 = errors;
            if (!(data0 === "succeeded" || data0 === "failed" || data0 === "cancelled" || data0 === "interrupted")) {
              validate19.errors = [{ instancePath: instancePath + "/outcome", schemaPath: "#/properties/outcome/enum", keyword: "enum", params: { allowedValues: schema17.properties.outcome.enum }, message: "must be equal to one of the allowed values" }];
              return false;
            }
            var valid0 = _errs2 === errors;
          } else {
            var valid0 = true;
          }
          if (valid0) {
            if (data.error !== void 0 && func0.call(data, "error")) {
              let data1 = data.error;
              const _errs3 = errors;
              const _errs4 = errors;
              if (errors === _errs4) {
                if (data1 && typeof data1 == "object" && !Array.isArray(data1)) {
                  let missing1;
                  if ((data1.code === void 0 || !func0.call(data1, "code")) && (missing1 = "code") || (data1.message === void 0 || !func0.call(data1, "message")) && (missing1 = "message")) {
                    validate19.errors = [{ instancePath: instancePath + "/error", schemaPath: "#/definitions/EventError/required", keyword: "required", params: { missingProperty: missing1 }, message: "must have required property '" + missing1 + "'" }];
                    return false;
                  } else {
                    const _errs6 = errors;
                    for (const key1 of Object.keys(data1)) {
                      if (!(key1 === "code" || key1 === "message")) {
                        validate19.errors = [{ instancePath: instancePath + "/error", schemaPath: "#/definitions/EventError/additionalProperties", keyword: "additionalProperties", params: { additionalProperty: key1 }, message: "must NOT have additional properties" }];
                        return false;
                        break;
                      }
                    }
                    if (_errs6 === errors) {
                      if (data1.code !== void 0 && func0.call(data1, "code")) {
                        let data2 = data1.code;
                        const _errs7 = errors;
                        if (errors === _errs7) {
                          if (typeof data2 === "string") {
                            if (func54(data2) > 128) {
                              validate19.errors = [{ instancePath: instancePath + "/error/code", schemaPath: "#/definitions/EventError/properties/code/maxLength", keyword: "maxLength", params: { limit: 128 }, message: "must NOT have more than 128 characters" }];
                              return false;
                            } else {
                              if (func54(data2) < 1) {
                                validate19.errors = [{ instancePath: instancePath + "/error/code", schemaPath: "#/definitions/EventError/properties/code/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters" }];
                                return false;
                              }
                            }
                          } else {
                            validate19.errors = [{ instancePath: instancePath + "/error/code", schemaPath: "#/definitions/EventError/properties/code/type", keyword: "type", params: { type: "string" }, message: "must be string" }];
                            return false;
                          }
                        }
                        var valid2 = _errs7 === errors;
                      } else {
                        var valid2 = true;
                      }
                      if (valid2) {
                        if (data1.message !== void 0 && func0.call(data1, "message")) {
                          const _errs9 = errors;
                          if (typeof data1.message !== "string") {
                            validate19.errors = [{ instancePath: instancePath + "/error/message", schemaPath: "#/definitions/EventError/properties/message/type", keyword: "type", params: { type: "string" }, message: "must be string" }];
                            return false;
                          }
                          var valid2 = _errs9 === errors;
                        } else {
                          var valid2 = true;
                        }
                      }
                    }
                  }
                } else {
                  validate19.errors = [{ instancePath: instancePath + "/error", schemaPath: "#/definitions/EventError/type", keyword: "type", params: { type: "object" }, message: "must be object" }];
                  return false;
                }
              }
              var valid0 = _errs3 === errors;
            } else {
              var valid0 = true;
            }
            if (valid0) {
              if (data.duration_ms !== void 0 && func0.call(data, "duration_ms")) {
                let data4 = data.duration_ms;
                const _errs11 = errors;
                if (errors === _errs11) {
                  if (typeof data4 == "number" && isFinite(data4)) {
                    if (data4 < 0 || isNaN(data4)) {
                      validate19.errors = [{ instancePath: instancePath + "/duration_ms", schemaPath: "#/properties/duration_ms/minimum", keyword: "minimum", params: { comparison: ">=", limit: 0 }, message: "must be >= 0" }];
                      return false;
                    }
                  } else {
                    validate19.errors = [{ instancePath: instancePath + "/duration_ms", schemaPath: "#/properties/duration_ms/type", keyword: "type", params: { type: "number" }, message: "must be number" }];
                    return false;
                  }
                }
                var valid0 = _errs11 === errors;
              } else {
                var valid0 = true;
              }
              if (valid0) {
                if (data.usage !== void 0 && func0.call(data, "usage")) {
                  let data5 = data.usage;
                  const _errs13 = errors;
                  if (errors === _errs13) {
                    if (data5 && typeof data5 == "object" && !Array.isArray(data5)) {
                      for (const key2 of Object.keys(data5)) {
                        let data6 = data5[key2];
                        const _errs16 = errors;
                        if (!(typeof data6 == "number" && isFinite(data6))) {
                          validate19.errors = [{ instancePath: instancePath + "/usage/" + key2.replace(/~/g, "~0").replace(/\//g, "~1"), schemaPath: "#/properties/usage/additionalProperties/type", keyword: "type", params: { type: "number" }, message: "must be number" }];
                          return false;
                        }
                        var valid3 = _errs16 === errors;
                        if (!valid3) {
                          break;
                        }
                      }
                    } else {
                      validate19.errors = [{ instancePath: instancePath + "/usage", schemaPath: "#/properties/usage/type", keyword: "type", params: { type: "object" }, message: "must be object" }];
                      return false;
                    }
                  }
                  var valid0 = _errs13 === errors;
                } else {
                  var valid0 = true;
                }
              }
            }
          }
        }
      }
    } else {
      validate19.errors = [{ instancePath, schemaPath: "#/type", keyword: "type", params: { type: "object" }, message: "must be object" }];
      return false;
    }
  }
  validate19.errors = vErrors;
  return errors === 0;
}
var partial_result = validate20;
function validate20(data, { instancePath = "", parentData, parentDataProperty, rootData = data } = {}) {
  let vErrors = null;
  let errors = 0;
  if (errors === 0) {
    if (data && typeof data == "object" && !Array.isArray(data)) {
      let missing0;
      if ((data.text === void 0 || !func0.call(data, "text")) && (missing0 = "text")) {
        validate20.errors = [{ instancePath, schemaPath: "#/required", keyword: "required", params: { missingProperty: missing0 }, message: "must have required property '" + missing0 + "'" }];
        return false;
      } else {
        const _errs1 = errors;
        for (const key0 of Object.keys(data)) {
          if (!(key0 === "text")) {
            validate20.errors = [{ instancePath, schemaPath: "#/additionalProperties", keyword: "additionalProperties", params: { additionalProperty: key0 }, message: "must NOT have additional properties" }];
            return false;
            break;
          }
        }
        if (_errs1 === errors) {
          if (data.text !== void 0 && func0.call(data, "text")) {
            if (typeof data.text !== "string") {
              validate20.errors = [{ instancePath: instancePath + "/text", schemaPath: "#/properties/text/type", keyword: "type", params: { type: "string" }, message: "must be string" }];
              return false;
            }
          }
        }
      }
    } else {
      validate20.errors = [{ instancePath, schemaPath: "#/type", keyword: "type", params: { type: "object" }, message: "must be object" }];
      return false;
    }
  }
  validate20.errors = vErrors;
  return errors === 0;
}
/** The validators by event type: predicates that leave their findings on themselves. */
export const validators: Readonly<Record<keyof import('./types.js').EventDataByType, {
  (data: unknown): boolean;
  readonly errors?: readonly { instancePath: string; keyword: string; message?: string; params: Record<string, unknown> }[] | null;
}>> = {
  agent_completed,
  agent_started,
  agent_thinking,
  partial_result,
  tool_completed,
  tool_executing
};
